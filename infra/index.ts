export { BoundedPipeline } from './bounded-pipeline.ts';
export type { BoundedPipelineProps } from './props.ts';
