"""One process of a function with its Runtime API: what AWS calls the sandbox. It is used until it breaks."""

import os
import queue
import secrets
import time
from dataclasses import dataclass
from typing import Literal

from . import settings
from .memory import MEMORY_WATCH, MIB, Watched
from .output import Output
from .processes import start_process
from .runtime_api import runtime_api


@dataclass
class FunctionSpec:
    """What is needed of a function's configuration."""

    handler: str
    code_folder: str
    memory_mib: int
    timeout_seconds: int


@dataclass
class Invocation:
    request_id: str
    function_arn: str
    trace_id: str
    payload: bytes
    deadline_ms: int = 0


@dataclass
class Event:
    """Something that a waiting invocation must hear of."""

    kind: Literal["ready", "initFailed", "response", "error", "exit"]
    request_id: str = ""
    body: bytes = b""
    status: int = 0


class Sandbox:
    """Starts the process at once; `wait` hears of what it does."""

    def __init__(self, spec: FunctionSpec, environment: dict[str, str]):
        self._key = secrets.token_hex(16)
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._inbox: queue.SimpleQueue[Invocation | None] = queue.SimpleQueue()
        self._started = time.monotonic()
        self.ready = False
        self.broken = False
        self.init_seconds: float | None = None
        self.output = Output(settings.MAX_LOG_BYTES)
        self.memory = Watched(lambda: self._process.pid, spec.memory_mib * MIB, self.kill)
        address = runtime_api().register(self._key, self)
        try:
            self._process = start_process(
                _command(spec),
                _environment(spec, environment, address),
                spec.code_folder,
                self.output.write_fd,
                self._exited,
            )
        finally:
            self.output.start()
        MEMORY_WATCH.add(self.memory)

    def wait(self, seconds: float) -> Event | None:
        """The next event, or `None` when the time is over."""
        try:
            return self._events.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return None

    def send(self, invocation: Invocation) -> None:
        self.memory.peak_bytes = 0
        MEMORY_WATCH.add(self.memory)
        self._inbox.put(invocation)

    def rest(self) -> None:
        """Between invocations: AWS freezes the process; here its memory is just not watched."""
        self.memory.sample()
        MEMORY_WATCH.remove(self.memory)

    def kill(self) -> None:
        """Ends the process. `wait` then yields its `exit`."""
        self.broken = True
        self._process.kill()

    # --- what the process says (runtime_api.Environment)

    def next_invocation(self) -> Invocation | None:
        if not self.ready:
            self.ready = True
            self.init_seconds = time.monotonic() - self._started
            self._events.put(Event("ready"))
        return self._inbox.get()

    def initialisation_failed(self, body: bytes) -> None:
        self.broken = True
        self._events.put(Event("initFailed", body=body))

    def invocation_done(self, request_id: str, body: bytes, is_error: bool) -> None:
        self._events.put(Event("error" if is_error else "response", request_id, body))

    def _exited(self, status: int) -> None:
        self.broken = True
        runtime_api().unregister(self._key)
        MEMORY_WATCH.remove(self.memory)
        self._inbox.put(None)
        self._events.put(Event("exit", status=status))


def _command(spec: FunctionSpec) -> list[str]:
    # the shares that AWS's own Node runtime gives to V8
    semi_space, old_space = max(1, spec.memory_mib // 20), spec.memory_mib - spec.memory_mib // 10
    return [
        settings.NODE,
        f"--max-semi-space-size={semi_space}",
        f"--max-old-space-size={old_space}",
        settings.BOOTSTRAP,
        spec.handler,
        settings.INSTANCE,
    ]


def _environment(spec: FunctionSpec, environment: dict[str, str], address: str) -> dict[str, str]:
    passed_on = {name: os.environ[name] for name in settings.PASSED_ON if name in os.environ}
    endpoint = environment.get("AWS_ENDPOINT_URL")
    return {
        **passed_on,
        # an address by number makes every SDK use path-style S3 addresses, so no name has to be resolved
        **({"AWS_ENDPOINT_URL_S3": endpoint} if endpoint else {}),
        **settings.EXTRA_ENVIRONMENT,
        **{name: str(value) for name, value in environment.items()},
        "AWS_LAMBDA_RUNTIME_API": address,
        "LAMBDA_TASK_ROOT": spec.code_folder,
        "SLUICE_LOCAL": "1",
        "TZ": ":UTC",
    }
