"""What a process prints, kept within bounds and cut into invocations."""

import os
import select
import threading


class Output:
    """Reads a process's standard output and error.

    The bootstrap answers only when all that was printed is in the pipe, so `take`, which reads what is left there when
    the answer has come, misses nothing.
    """

    def __init__(self, max_bytes: int):
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._kept = bytearray()
        self._dropped = 0
        self._read_fd, self.write_fd = os.pipe()
        os.set_blocking(self._read_fd, False)
        self._open = True

    def start(self) -> None:
        """To be called once the process has its copy of `write_fd`; ours is closed, so that its end is seen."""
        os.close(self.write_fd)
        threading.Thread(target=self._pump, name="sluice-lambda-output", daemon=True).start()

    def take(self) -> str:
        """All that was printed since the last call."""
        with self._lock:
            self._read_available()
            text = self._kept.decode(errors="replace")
            if text and not text.endswith("\n"):
                text += "\n"
            if self._dropped:
                text += f"[{self._dropped} bytes more were printed, and dropped: {self._max_bytes} are kept of one invocation]\n"
            self._kept.clear()
            self._dropped = 0
        return text

    def _pump(self) -> None:
        poll = select.poll()
        poll.register(self._read_fd, select.POLLIN)
        while self._open:
            poll.poll()
            with self._lock:
                self._read_available()

    def _read_available(self) -> None:
        while self._open:
            try:
                data = os.read(self._read_fd, 1 << 16)
            except BlockingIOError:
                return
            if not data:
                self._open = False
                os.close(self._read_fd)
                return
            room = self._max_bytes - len(self._kept)
            self._kept += data[:room]
            self._dropped += max(0, len(data) - room)
