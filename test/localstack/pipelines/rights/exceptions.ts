import type { Exception } from './compare.ts';

/** What AWS itself does in a function's name, and what is granted for an answer's sake. All else is to be seen in use. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    ...{ action: /^logs:(CreateLogStream|PutLogEvents)$/, kinds: /./, place: /^logs / },
    why: "Lambda's runtime writes the log",
  },
  {
    ...{ action: /^xray:(PutTraceSegments|PutTelemetryRecords)$/, kinds: /./, place: /^\*$/ },
    why: "Lambda's X-Ray daemon sends the traces",
  },
  {
    ...{ action: /^sqs:(ReceiveMessage|GetQueueAttributes)$/, kinds: /^(Worker|Sideline)$/, place: /queue$/ },
    why: 'the event source mapping takes messages by the role of its function',
  },
  {
    ...{ action: /^s3:ListBucket$/, kinds: /./, place: /^s3 bucket$/ },
    why: 'nobody lists it, but with this right S3 answers 404, not 403, for an object that does not exist',
  },
];
