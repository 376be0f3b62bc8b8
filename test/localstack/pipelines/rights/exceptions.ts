import type { Exception } from './compare.ts';

/** What AWS does in a function's name, what is granted for an answer's sake, and ways that a round of the suite takes by chance only. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    ...{ kinds: /./, action: /^logs:(CreateLogStream|PutLogEvents)$/, place: /^logs / },
    why: "Lambda's runtime writes the log",
  },
  {
    ...{ kinds: /./, action: /^xray:(PutTraceSegments|PutTelemetryRecords)$/, place: /^\*$/ },
    why: "Lambda's X-Ray daemon sends the traces",
  },
  {
    ...{ kinds: /^(Worker|Sideline)$/, action: /^sqs:(ReceiveMessage|GetQueueAttributes)$/, place: /queue$/ },
    why: 'the event source mapping takes messages by the role of its function',
  },
  {
    ...{ kinds: /^Sideline$/, action: /^sqs:DeleteMessage$/, place: /^sqs deadletterqueue$/ },
    why: 'the event source mapping deletes what the sideline has dealt with',
  },
  {
    ...{ kinds: /^(Produce|Settle|Worker)$/, action: /^s3:ListBucket$/, place: /^s3 bucket$/ },
    why: 'nobody lists it, but with this right S3 answers 404, not 403, for an object that does not exist',
  },
  {
    ...{ kinds: /^Settle$/, action: /^sqs:SendMessage$/, place: /^sqs queue$/ },
    why: 'it sends what Produce has reserved before it died, or what got lost',
  },
  {
    ...{ kinds: /^Settle$/, action: /^s3:GetObject$/, place: /^s3 / },
    why: 'it reads the source of what it sends again',
  },
  {
    ...{ kinds: /^Produce$/, action: /^s3:GetObject$/, place: /^s3 bucket\/(windows|results)\/\*$/ },
    why: 'it reads stored windows to send an intent again, and large outcomes for a redrive',
  },
  {
    ...{ kinds: /^(Produce|Settle|Sideline)$/, action: /^s3:PutObject$/, place: /^s3 bucket\/results\/\*$/ },
    why: 'a batch that is given up may have an outcome too large for its record',
  },
  {
    ...{ kinds: /^Worker$/, action: /^s3:GetObject$/, place: /^s3 bucket\/results\/\*$/ },
    why: 'a part that an earlier delivery has left may be too large for its record',
  },
];
