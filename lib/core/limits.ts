/** Every limit of Sluice in one place. Those AWS sets name its page; those we chose say why. */

/** SQS: largest message, and largest `SendMessageBatch` in all (quotas-messages). */
export const MESSAGE_BYTES_MAX = 1_048_576;
/** What a message holds beside its items: run id, numbers, keys. Generous, checked again when the message is made. */
export const ENVELOPE_BYTES = 2_048;
/** Items that ride in the message must fit beside the envelope. */
export const INLINE_BYTES_MAX = MESSAGE_BYTES_MAX - ENVELOPE_BYTES;
/** One batch's input, carried or referred to: it bounds a worker's memory however small its message is. */
export const BATCH_BYTES_MAX = MESSAGE_BYTES_MAX;
/** Messages in one `SendMessageBatch` (SQS quotas-messages). */
export const SEND_BATCH_MAX = 10;
/** Calls of `SendMessageBatch` at a time: an intent of small messages goes in four rounds. One of large ones is 8 MiB in all, whatever this says. */
export const SEND_CALLS_MAX = 26;
export const BATCH_SIZE_MAX = 10_000;
/** Batches a window can hold: its `done` set and counts stay in one small DynamoDB item. */
export const WINDOW_BATCHES_MAX = 64;
/** Windows in one reserve: with the run item 17 of the 100 actions a transaction may have. */
export const INTENT_WINDOWS_MAX = 16;
export const INTENT_BATCHES_MAX = WINDOW_BATCHES_MAX * INTENT_WINDOWS_MAX;
/** Inputs up to this size are counted when the run opens: progress then has a total, and a broken file is refused at the door. */
export const COUNT_BYTES_MAX = 64 * 1_048_576;
/** Input bytes generated ahead of a reserve: bounds the producer's memory. */
export const INTENT_BYTES_MAX = 8 * 1_048_576;
/** Windows not yet complete in the ledger: keeps the run item far below DynamoDB's 400 KiB. */
export const OPEN_WINDOWS_MAX = 2_048;
/** Lambda: reserved concurrency and an SQS mapping's MaximumConcurrency end here (services-sqs-scaling). */
export const WORKERS_MAX = 1_000;
export const BATCHES_PER_WORKER_MAX = 1_000;
/** Lambda's 900 s less the time to save a part and answer. */
export const TIMEOUT_SECONDS_MAX = 870;
/** Step Functions hands back control at least this often (DESIGN: waits of at most 10 s). */
export const WAIT_SECONDS_MAX = 10;
/** Reads of the stop flag within one slice: SSM gives the whole account 40 a second by default. */
export const FLAG_READ_INTERVAL_MS = 250;
/** How long the flag may stay unreadable before the run stops itself. */
export const FLAG_UNREADABLE_STOP_MS = 60_000;
/** SQS counts may lag by a minute ("at least 1 minute after the producers stop sending"). */
export const DEPTH_MEMORY_MS = 60_000;
/** Deliveries that began the handler before a batch is finished as dead. */
export const STARTS_MAX = 5;
/** Slices of Produce and Settle that may die in a row before the run is given up. */
export const UNFINISHED_SLICES_MAX = 10;
export const RECONCILE_ROUNDS_MAX = 3;
/** Quiet time before reconcile: above SQS's one minute of staleness, twice. */
export const RECONCILE_QUIET_MS = 120_000;
/** Left-over duplicates get this long to drain before the run closes. */
export const LEFTOVER_DRAIN_MS = 60_000;
/** Results that ride in the record; larger ones become an S3 object. */
export const INLINE_RESULT_BYTES_MAX = 2_048;
/** A handler's result for one item, as JSON. */
export const RESULT_BYTES_MAX = 262_144;
/** Characters of an error kept for a failed item. */
export const ERROR_CHARACTERS_MAX = 1_000;
/** `StartExecution` names may have 80 characters; 12 are left for `--<n>` of a continued run. */
export const RUN_ID_CHARACTERS_MAX = 64;
/** Parameters ride through Step Functions and the run item. */
export const PARAMS_BYTES_MAX = 32_768;
/** API Gateway takes bodies of 10 MB: more than the largest parameters and what stands around them is nothing for us. */
export const API_BODY_BYTES_MAX = 2 * PARAMS_BYTES_MAX;
/** Characters of an idempotency key: it is hashed, so this only bounds the header. */
export const IDEMPOTENCY_KEY_CHARACTERS_MAX = 255;
/** Runs in one answer of the API: each costs up to four reads, and there are 29 s for all. */
export const API_RUNS_MAX = 100;
export const API_RUNS_DEFAULT = 20;
/**
 * Calls of the API a second. Most read the stop flag once: SSM gives the whole account 40 reads a second, of which each open run
 * takes up to 4.
 */
export const API_RATE_PER_SECOND = 10;
export const API_BURST = 20;
/** API Gateway answers for a function that takes longer than 29 s (REST API quotas); Open is waited for up to 20 s of it. */
export const API_SECONDS = 28;
/** Starts that wait for the open run to close: more than this, and runs come faster than they end. */
export const QUEUED_STARTS_MAX = 10;
/** `DescribeExecution` is eventually consistent: it may not know yet of an execution that has just begun. */
export const EXECUTION_UNSEEN_MS = 15_000;
/**
 * A start that waits is seen every 10 s. Unseen for longer, and without an execution, it has been aborted: a minute is more than
 * `DescribeExecution` takes to know of an execution in which it goes on.
 */
export const QUEUED_UNSEEN_MS = 60_000;
/** A STANDARD execution may last a year; records outlive the run by 30 days. */
export const RUN_LIFETIME_DAYS = 365;
export const KEEP_DAYS = 30;
export const HISTORY_SAMPLES_MAX = 2_000;
/** Ends undone by a resume that a run remembers, the newest: with what is kept of a reason, 4 KiB in the run item. */
export const INTERRUPTIONS_MAX = 10;
export const REASON_CHARACTERS_KEPT = 200;
/** Live changes of its limits that a run remembers, the newest: 4 KiB in the run item. */
export const LIMIT_CHANGES_MAX = 10;
export const METRICS_INTERVAL_MS = 5_000;
/** Percentages mean nothing on a handful of items. */
export const PERCENT_ITEMS_MIN = 100;
/** Visibility of a message before its worker has started: AWS advises 6 times the function's timeout. */
export const VISIBILITY_FACTOR = 6;
/** SQS's longest (setting-message-retention-period): a halted run must find its messages when it is resumed. */
export const RETENTION_DAYS = 14;
/** A worker shortens its own message's visibility to the timeout and this. */
export const VISIBILITY_MARGIN_SECONDS = 10;
/** A pinned source lies in the run item and travels in every producer's state: columns or axes, as JSON. */
export const PINNED_BYTES_MAX = 65_536;
/** A cursor of `from`, as JSON: it lies in the run item and in every window. */
export const CURSOR_BYTES_MAX = 4_096;
/** Bytes read at once. Two chunks are held at most: the one being scanned and the next. */
export const CHUNK_BYTES = 1_048_576;
/**
 * Pieces in one slice of a redrive, where failed items lie apart: each may cost its worker a read. 500 of them, 16 at a time and
 * 20 ms each, take less than the second that a worker's time-out is at least.
 */
export const PIECES_MAX = 500;
export const PIECE_READS_AT_A_TIME = 16;
/** Levels of nesting in an item: deeper values overflow the stack of what serialises them. */
export const JSON_DEPTH_MAX = 200;
/** Amazon S3: bytes in an object's key, as UTF-8. */
export const S3_KEY_BYTES_MAX = 1_024;
/** Amazon S3: objects in one answer of `ListObjectsV2`. */
export const LIST_OBJECTS_MAX = 1_000;
/** Batches of a run in `dev`: their records stay in memory, at most some 3 KiB each. */
export const DEV_BATCHES_MAX = 50_000;
