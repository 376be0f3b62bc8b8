/** The pipeline's alarms. */
export interface Alarms {
  /** Sets all of them to OK, so that the next breach is a change of state and acts again. */
  reset(reason: string): Promise<void>;
}
