import type { ByteReader, ListObjects, ObjectReference } from '../core/sources/source.ts';

/** The run's bucket, and reading of inputs wherever they lie. */
export interface Storage {
  /** Stores an object in the run's bucket. */
  put(key: string, body: Uint8Array): Promise<void>;
  /** An object of the run's bucket. @throws SluiceError `inputMissing` when there is none. */
  get(key: string): Promise<Uint8Array>;
  /** Size and ETag of an input. @throws SluiceError `inputMissing`, or `inputUnreadable` when access is denied. */
  describe(bucket: string, key: string): Promise<ObjectReference>;
  /** Reads of exactly that content: `IfMatch` on its ETag. Reads throw `sourceChanged` when it has changed or gone. */
  reader(object: ObjectReference): ByteReader;
  /**
   * One page of the objects of an input's bucket, by key. @throws SluiceError `inputMissing` when there is no such bucket;
   * `inputUnreadable` when access is denied, or when the answer is not a listing in order.
   */
  list: ListObjects;
}
