/** The executions of the pipeline's state machine. */
export interface Executions {
  /** Starts an execution. @throws SluiceError `runIdUsed` when the name was used before. */
  start(name: string, input: object): Promise<void>;
  /** Whether the execution of that name is still running; `unknown` where it cannot be told. */
  state(name: string): Promise<'running' | 'ended' | 'unknown'>;
}

/** What executions were started with: Step Functions keeps it for 90 days after their end. */
export interface ExecutionInputs {
  /** The input of the execution of that name; null where there is none, or none any more. */
  input(name: string): Promise<unknown>;
}
