"""Counted places: at most so many holders at a time, with a limit that may change while some are held."""

import threading
from collections.abc import Callable

RECHECK_SECONDS = 0.1
"""A raised limit is not announced to us; it is seen this soon."""


class Slots:
    """Like a semaphore whose limit is read anew at each attempt (`None`: no limit)."""

    def __init__(self, limit: Callable[[], int | None]):
        self._condition = threading.Condition()
        self._limit = limit
        self.busy = 0

    def acquire(self, cancelled: threading.Event) -> bool:
        """Waits for a place; `False` when cancelled first."""
        with self._condition:
            while not cancelled.is_set():
                limit = self._limit()
                if limit is None or self.busy < limit:
                    self.busy += 1
                    return True
                self._condition.wait(RECHECK_SECONDS)
        return False

    def release(self) -> None:
        with self._condition:
            self.busy -= 1
            self._condition.notify()


class SlotsByKey:
    """One `Slots` for each key, made on first use."""

    def __init__(self):
        self._lock = threading.Lock()
        self._slots: dict[str, Slots] = {}

    def get(self, key: str, limit: Callable[[], int | None]) -> Slots:
        """The key's slots, with `limit` in force from now on."""
        with self._lock:
            slots = self._slots.setdefault(key, Slots(limit))
            slots._limit = limit
            return slots
