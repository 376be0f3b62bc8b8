import { messageOf } from '../../core/errors.ts';
import type { UnreadPart } from '../../doctor/description.ts';
import { errorName } from '../bounded.ts';

/** What AWS answers when a part is not there any more, or is none of the reader's business. All else ends the reading. */
const CLOSED =
  /^(AccessDenied(Exception)?|AuthorizationError(Exception)?|UnauthorizedOperation|ResourceNotFoundException|QueueDoesNotExist|AWS\.SimpleQueueService\.NonExistentQueue|NoSuchEntity(Exception)?)$/;

/** Collects what could not be looked at, so that one closed door does not end the whole reading, nor go unsaid. */
export interface Unread {
  readonly parts: readonly UnreadPart[];
  /** Notes a part once, with the first reason. */
  add(part: string, why: string): void;
  /** What `read` gives; null, and noted, when that part is closed. */
  unless<T>(part: string, read: () => Promise<T>): Promise<T | null>;
}

export function noteUnread(): Unread {
  const parts: UnreadPart[] = [];
  const add = (part: string, why: string) => {
    if (!parts.some((one) => one.part === part)) parts.push({ part, why });
  };
  return {
    parts,
    add,
    unless: async (part, read) => {
      try {
        return await read();
      } catch (error) {
        if (!CLOSED.test(errorName(error))) throw error;
        add(part, `${errorName(error)}: ${messageOf(error)}`);
        return null;
      }
    },
  };
}
