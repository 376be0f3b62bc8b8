declare module 'vitest' {
  interface ProvidedContext {
    /** Where the local AWS of the pipeline suites answers. */
    endpoint: string;
  }
}

/** What points the SDK, the CDK and the CLI at an endpoint. */
export function environmentOf(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
}
