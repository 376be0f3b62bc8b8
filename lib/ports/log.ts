/** Structured log lines; `data` must be plain JSON. */
export interface Log {
  debug(message: string, data?: object): void;
  info(message: string, data?: object): void;
  warn(message: string, data?: object): void;
  error(message: string, data?: object): void;
  /** A log whose every line also carries `data`. */
  child(data: object): Log;
}
