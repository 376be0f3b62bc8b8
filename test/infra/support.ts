import { fileURLToPath } from 'node:url';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { BoundedPipeline, type BoundedPipelineProps } from '../../infra/index.ts';

export const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

export interface Synthesised {
  readonly app: App;
  readonly stack: Stack;
  readonly pipeline: BoundedPipeline;
  readonly template: Template;
}

/** A stack with one pipeline, `Count`. */
export function synth(props: Partial<BoundedPipelineProps> = {}, context: Record<string, unknown> = {}): Synthesised {
  const app = new App({ context });
  const stack = new Stack(app, 'Test');
  const pipeline = new BoundedPipeline(stack, 'Count', { job: fixture('count.ts'), ...props });
  return {
    ...{ app, stack, pipeline },
    // Only once it is asked for: a stack is synthesised once, and what is added later would be missing.
    get template() {
      return Template.fromStack(stack);
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: a template is JSON of any shape
export type Json = any;

/** The one resource of this type whose logical id begins so. */
export function resource(template: Template, type: string, prefix: string): Json {
  const found = Object.entries(template.findResources(type)).filter(([id]) =>
    new RegExp(`^${prefix}[0-9A-F]{8}$`).test(id),
  );
  if (found.length !== 1) throw new Error(`${found.length} resources of ${type} match ${prefix}`);
  return found[0]?.[1];
}

/** A resolved value as text: references become `<Name>` or `<Name.Attribute>`, without CDK's hashes. */
export function textOf(value: Json): string {
  if (typeof value === 'string') return value;
  if (value?.['Fn::Join'] !== undefined) return value['Fn::Join'][1].map(textOf).join(value['Fn::Join'][0]);
  if (value?.['Fn::GetAtt'] !== undefined) return `<${unhashed(value['Fn::GetAtt'][0])}.${value['Fn::GetAtt'][1]}>`;
  if (value?.Ref !== undefined) return `<${unhashed(value.Ref)}>`;
  if (value?.['Fn::Sub'] !== undefined) return value['Fn::Sub'];
  throw new Error(`not a text: ${JSON.stringify(value)}`);
}

function unhashed(id: string): string {
  return id.replace(/[0-9A-F]{8}$/, '');
}

/** A function's `SLUICE_CONFIG`, with references as texts. */
export function configOf(template: Template, id: string): Json {
  const { Properties } = resource(template, 'AWS::Lambda::Function', id);
  return JSON.parse(textOf(Properties.Environment.Variables.SLUICE_CONFIG));
}
