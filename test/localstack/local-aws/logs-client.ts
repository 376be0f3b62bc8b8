/** The one call to CloudWatch Logs that these tests need; no client of the SDK is a dependency for it. */
export class CloudWatchLogsClient {
  readonly #endpoint: string;

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
  }

  async countEvents(logGroupName: string, pattern: string): Promise<number> {
    const response = await fetch(this.#endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'Logs_20140328.FilterLogEvents',
        authorization:
          'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/logs/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: JSON.stringify({ logGroupName, filterPattern: pattern, limit: 10_000 }),
    });
    const body = (await response.json()) as { events?: unknown[] };
    return body.events?.length ?? 0;
  }
}
