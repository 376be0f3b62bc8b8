/** By hand, from the commits before and after: what is gone cannot be measured again by a command. */
export const FASTER = `## What was made faster

Each with the profile that showed it, before and after; the rest of this page tells how things are now.

**The cost of a million items at a full cap** ($0.13, then $0.056 beside the handler, batches of 100). Each place that fell free was a send, a
reserve and a window of its own, and each look read every window that was not complete. A producer now waits for room of a whole send. The real
producer over a ledger in memory, 10,000 batches, 20 workers, a cap of 2,000:

| | before | after |
|---|---:|---:|
| reserves | 402 | 36 |
| windows read by looks | 167,523 | 6,126 |

**The producer's pace.** It asked for the flag, the windows and the depth one after the other, and sent 80 messages a round. A look is now one
round, the flag is read four times a second at most, an intent holds 1,024 batches and 26 calls send it. 1,000 workers of ten batches a second, 100,000 batches, simulated at
12 ms a request (the time that each kind was under way; those of a look overlap now):

| seconds of simulated time | before | after |
|---|---:|---:|
| flag | 1.2 | 0.4 |
| windows | 2.4 | 1.2 |
| depth | 2.4 | 1.2 |
| reserve | 4.7 | 2.4 |
| send | 16.4 | 4.7 |
| until the workers were done (10.0 if they never wait) | 27.3 | 10.1 |

**What the source is asked for.** A producer that hands its wait over drops what it has generated and not sent. It generated an intent of 1,024 batches
each time, and sent an eighth of the cap; where a rate held it back, one batch. It now asks for what may be sent within seconds. A million
items of a generator, batches of 100, a cap of 2,000, by Node's profiler (\`--cpu-prof\`):

| seconds of processor time | before | after |
|---|---:|---:|
| the source: the generator, its items checked, copied and packed | 6.7 | 1.9 |
| garbage collection | 0.9 | 0.3 |
| the rest | 2.4 | 1.3 |
| how often an item was generated, at a full cap of 400, 0.4 batches a second finishing | 20.3 | 1.5 |
| the same, at a rate of a batch each 20 s | 20.5 | 2.0 |

**The functions' bundles.** Each held all of the AWS clients and all of the validation library's languages. What is in the worker's, in kB:

| | before | after |
|---|---:|---:|
| zod | 584 | 109 |
| @smithy/core and @aws-sdk/core | 338 | 197 |
| S3, DynamoDB, SQS | 234 | 167 |
| SSM, Lambda, Step Functions, CloudWatch | 293 | 0 |
| Sluice and the job | 101 | 73 |
| the rest | 436 | 288 |
| all | 1,986 | 834 |
`;
