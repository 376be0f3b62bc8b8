"""Holds processes to their memory limit, as Lambda does, and knows the most they used."""

import sys
import threading
import time
from collections.abc import Callable

SAMPLE_SECONDS = 0.05
MIB = 1024 * 1024


def used_bytes(pid: int) -> int:
    """The memory that is this process's own.

    File-backed pages are left out: the text of the Node binary is shared by all processes and would count in each.
    0 if the process is gone.
    """
    if sys.platform == "linux":
        try:
            with open(f"/proc/{pid}/statm", "rb") as file:
                _, resident, shared, *_ = file.read().split()
            return (int(resident) - int(shared)) * PAGE_BYTES
        except (OSError, ValueError):
            return 0
    import psutil

    try:
        return psutil.Process(pid).memory_info().rss
    except psutil.Error:
        return 0


if sys.platform == "linux":
    import os

    PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Watched:
    """One process under watch: `peak_bytes`, and whether it went over its limit."""

    def __init__(self, pid: Callable[[], int | None], limit_bytes: int, kill: Callable[[], None]):
        self._pid = pid
        self._kill = kill
        self.limit_bytes = limit_bytes
        self.peak_bytes = 0
        self.exceeded = False

    def sample(self) -> None:
        pid = self._pid()
        if pid is None:
            return
        self.peak_bytes = max(self.peak_bytes, used_bytes(pid))
        if self.peak_bytes > self.limit_bytes and not self.exceeded:
            self.exceeded = True
            self._kill()

    @property
    def peak_mib(self) -> int:
        """As a REPORT line says it: never more than the limit."""
        return min(-(-self.peak_bytes // MIB), self.limit_bytes // MIB)


class MemoryWatch:
    """One thread that samples all busy processes; it sleeps while there are none."""

    def __init__(self):
        self._condition = threading.Condition()
        self._watched: set[Watched] = set()
        self._thread: threading.Thread | None = None

    def add(self, watched: Watched) -> None:
        with self._condition:
            self._watched.add(watched)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="sluice-memory-watch", daemon=True)
                self._thread.start()
            self._condition.notify()

    def remove(self, watched: Watched) -> None:
        with self._condition:
            self._watched.discard(watched)

    def _run(self) -> None:
        while True:
            with self._condition:
                while not self._watched:
                    self._condition.wait()
                current = list(self._watched)
            for watched in current:
                watched.sample()
            time.sleep(SAMPLE_SECONDS)


MEMORY_WATCH = MemoryWatch()
