/** The bounds that only sources have; those shared with the queue are in `../limits.ts`. */

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
