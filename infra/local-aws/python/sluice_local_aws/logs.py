"""The functions' logs, written to CloudWatch Logs some at a time.

LocalStack makes a call for each invocation, which costs more than the invocation itself. What several invocations of a
function print within a moment goes in one call here.

LocalStack also writes to a group of its own choice, `/aws/lambda/NAME`, and makes it: it would outlive the stack. As on AWS a
function's logs go to the group that its configuration names.
"""

import queue
import time
from collections.abc import Iterator

from localstack.runtime import hooks
from localstack.services.lambda_.invocation.execution_environment import ExecutionEnvironment
from localstack.services.lambda_.invocation.logs import QUEUE_SHUTDOWN, LogHandler, LogItem
from localstack.utils.patch import patch

GATHER_SECONDS = 0.25
MAX_EVENT_CHARACTERS = 250_000
"""CloudWatch takes events of 256 KB."""

MAX_CALL_EVENTS = 5_000
MAX_CALL_CHARACTERS = 900_000
"""CloudWatch takes calls of 10,000 events and 1 MiB."""


@hooks.on_infra_start()
def sluice_logs_gathered():
    """Has LocalStack's own loop see fewer, larger items, each for the group that was configured."""

    @patch(LogHandler.run_log_loop)
    def run_log_loop(fn, self: LogHandler, *args, **kwargs):
        self.log_queue = _GatheringQueue(self.log_queue)
        return fn(self, *args, **kwargs)

    @patch(ExecutionEnvironment.get_log_group_name)
    def get_log_group_name(fn, self: ExecutionEnvironment) -> str:
        return self.function_version.config.logging_config.get("LogGroup") or fn(self)


class _GatheringQueue:
    """A queue of log items whose `get` joins those of one stream."""

    def __init__(self, inner: "queue.Queue"):
        self._inner = inner
        self._ready: list = []

    def put(self, item) -> None:
        self._inner.put(item)

    def get(self):
        if not self._ready:
            self._ready = list(self._gather())
        return self._ready.pop(0)

    def _gather(self) -> Iterator:
        logs: dict[tuple[str, str], list[str]] = {}
        item = self._inner.get()
        deadline = time.monotonic() + GATHER_SECONDS
        while item is not QUEUE_SHUTDOWN:
            logs.setdefault((item.log_group, item.log_stream), []).append(item.logs)
            try:
                item = self._inner.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                break
        for (group, stream), texts in logs.items():
            for text in in_calls("".join(texts)):
                yield LogItem(group, stream, text)
        if item is QUEUE_SHUTDOWN:
            yield QUEUE_SHUTDOWN


def in_calls(text: str) -> Iterator[str]:
    """Cuts a log into texts that CloudWatch takes in one call each, and lines that it takes as one event each."""
    lines: list[str] = []
    size = 0
    for line in text.splitlines(keepends=True):
        for start in range(0, len(line), MAX_EVENT_CHARACTERS):
            part = line[start : start + MAX_EVENT_CHARACTERS]
            if lines and (len(lines) >= MAX_CALL_EVENTS or size + len(part) > MAX_CALL_CHARACTERS):
                yield "".join(lines)
                lines, size = [], 0
            lines.append(part if part.endswith("\n") else part + "\n")
            size += len(part)
    if lines:
        yield "".join(lines)
