export type { OperationId } from '../lib/api/operations.ts';
export { BoundedPipeline } from './bounded-pipeline.ts';
export type { PipelineOptions } from './options.ts';
export type { BoundedPipelineProps } from './props.ts';
export type { RunFinishedOptions } from './run-finished.ts';
export type { ScheduleOptions } from './schedule.ts';
