/** How long a client may take. Every wait is bounded: attempts × request time-out, and the SDK's own pauses. */
export interface Patience {
  readonly attempts: number;
  readonly requestSeconds: number;
}

const CONNECT_MS = 3_000;

/**
 * Settings of any client of the SDK that gives up in time. Left to itself the SDK only warns of a request that takes too long, on the
 * console, and goes on waiting (`throwOnRequestTimeout` of `@smithy/node-http-handler`).
 *
 * @example
 * new SQSClient(clientSettings({ attempts: 4, requestSeconds: 10 }))
 */
export function clientSettings({ attempts, requestSeconds }: Patience) {
  return {
    maxAttempts: attempts,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: requestSeconds * 1_000,
      throwOnRequestTimeout: true,
      // The time-out of the request ends with the answer's first bytes: a body that stands still is bound by this one.
      socketTimeout: requestSeconds * 1_000,
    },
  };
}
