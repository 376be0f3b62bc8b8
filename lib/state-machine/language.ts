// What Sluice uses of the Amazon States Language: https://states-language.net/spec.html. Interpreters need know no more.

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'FULL' | 'NONE';
}

export interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly ResultPath?: string | null;
  readonly Next: string;
}

export interface TaskState {
  readonly Type: 'Task';
  readonly Comment?: string;
  readonly Resource: string;
  readonly Parameters: { readonly [key: string]: unknown };
  readonly OutputPath?: string;
  readonly ResultPath?: string | null;
  readonly TimeoutSeconds: number;
  readonly Retry: readonly Retrier[];
  readonly Catch: readonly Catcher[];
  readonly Next: string;
}

export interface ChoiceRule {
  readonly Variable: string;
  readonly IsPresent?: boolean;
  readonly StringEquals?: string;
  readonly NumericGreaterThanEquals?: number;
  readonly Next: string;
}

export type State =
  | TaskState
  | {
      readonly Type: 'Choice';
      readonly Comment?: string;
      readonly Choices: readonly ChoiceRule[];
      readonly Default: string;
    }
  | { readonly Type: 'Wait'; readonly SecondsPath: string; readonly Next: string }
  | { readonly Type: 'Succeed'; readonly Comment?: string }
  | { readonly Type: 'Fail'; readonly Error: string; readonly Cause: string };

export interface StateMachineDefinition {
  readonly Comment: string;
  readonly QueryLanguage: 'JSONPath';
  readonly StartAt: string;
  readonly States: { readonly [name: string]: State };
}
