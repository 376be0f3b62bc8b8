/** The executions of the pipeline's state machine. */
export interface Executions {
  /** Starts an execution. @throws SluiceError `runIdUsed` when the name was used before. */
  start(name: string, input: object): Promise<void>;
  /** Whether the execution of that name is still running; `unknown` where it cannot be told. */
  state(name: string): Promise<'running' | 'ended' | 'unknown'>;
}
