import { messageOf } from '../../core/errors.ts';
import type { UnreadPart } from '../../doctor/description.ts';
import { errorName } from '../bounded.ts';

/** What AWS answers when a part is not there any more, or is none of the reader's business. All else ends the reading. */
const CLOSED =
  /^(AccessDenied(Exception)?|AuthorizationError(Exception)?|UnauthorizedOperation|ResourceNotFoundException|QueueDoesNotExist|AWS\.SimpleQueueService\.NonExistentQueue|NoSuchEntity(Exception)?)$/;

/** Collects what could not be looked at, so that one closed door does not end the whole reading, nor go unsaid. */
export interface Unread {
  readonly parts: readonly UnreadPart[];
  add(part: string, why: string): void;
  /** What `read` gives; null, and noted, when that part is closed. */
  unless<T>(part: string, read: () => Promise<T>): Promise<T | null>;
}

export function noteUnread(): Unread {
  const parts: UnreadPart[] = [];
  return {
    parts,
    add: (part, why) => void parts.push({ part, why }),
    unless: async (part, read) => {
      try {
        return await read();
      } catch (error) {
        if (!CLOSED.test(errorName(error))) throw error;
        parts.push({ part, why: `${errorName(error)}: ${messageOf(error)}` });
        return null;
      }
    },
  };
}
