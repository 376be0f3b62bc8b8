"""LocalStack's Lambda executor: an execution environment is a local Node process, replaced whenever it breaks."""

import threading
import time
from dataclasses import dataclass

from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from . import outcome, settings
from .sandbox import FunctionSpec, Invocation, Sandbox

EXIT_SECONDS = 5.0
"""How long a killed process may take to be gone."""


@dataclass
class Ended:
    """How an invocation ended: its payload, and what AWS adds to the log."""

    body: bytes
    is_error: bool = False
    log: str = ""
    status: str | None = None


class NodeRuntimeExecutor(RuntimeExecutor):
    """Serves one invocation at a time (LocalStack sees to that).

    Loading the function is part of the first invocation, as it is on AWS when it fails: so its error, log and metrics
    reach whoever invoked the function, and LocalStack never waits for a process while it holds a lock.
    """

    def __init__(self, id: str, function_version: FunctionVersion) -> None:
        super().__init__(id, function_version)
        self._lock = threading.Lock()
        self._sandbox: Sandbox | None = None
        self._busy = False
        self._stopped = False
        self._environment: dict[str, str] = {}

    def start(self, env_vars: dict[str, str]) -> None:
        self._environment = env_vars
        if self._is_node():
            self._sandbox = Sandbox(self._spec(), env_vars)

    def stop(self) -> None:
        """Ends the process; one that is at work may finish first, as on AWS when a function is updated."""
        with self._lock:
            self._stopped = True
            if not self._busy and self._sandbox is not None:
                self._sandbox.kill()

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        invocation = Invocation(
            request_id=payload["invoke-id"],
            function_arn=payload["invoked-function-arn"],
            trace_id=payload.get("trace-id", ""),
            payload=payload["payload"].encode(),
        )
        with self._lock:
            self._busy = True
        try:
            return self._run(invocation)
        finally:
            with self._lock:
                self._busy = False
                if self._stopped and self._sandbox is not None:
                    self._sandbox.kill()

    def _run(self, invocation: Invocation) -> InvocationResult:
        spec = self._spec()
        if not self._is_node():
            body = outcome.wrong_runtime(self.function_version.config.runtime)
            return InvocationResult(invocation.request_id, body, is_error=True, logs=body.decode())
        if self._sandbox is None or self._sandbox.broken:
            self._sandbox = Sandbox(spec, self._environment)
        sandbox = self._sandbox
        was_ready = sandbox.ready and sandbox.init_seconds is None
        started = time.monotonic()
        ended = self._initialise(sandbox, invocation, spec)
        if ended is None:
            started = time.monotonic()
            ended = self._invoke(sandbox, invocation, spec)
        seconds = time.monotonic() - started
        sandbox.rest()
        init_seconds = None if was_ready else sandbox.init_seconds
        sandbox.init_seconds = None
        logs = "".join(
            [
                f"START RequestId: {invocation.request_id} Version: {self.function_version.id.qualifier}\n",
                sandbox.output.take(),
                ended.log,
                f"END RequestId: {invocation.request_id}\n",
                outcome.report(
                    invocation.request_id, seconds, spec.memory_mib, sandbox.memory.peak_mib, init_seconds, ended.status
                ),
            ]
        )
        return InvocationResult(invocation.request_id, ended.body, is_error=ended.is_error, logs=logs)

    def _initialise(self, sandbox: Sandbox, invocation: Invocation, spec: FunctionSpec) -> Ended | None:
        """Waits until the function is loaded; `None` when it is."""
        limit = settings.INIT_SECONDS + spec.timeout_seconds
        deadline = time.monotonic() + limit
        while not sandbox.ready or sandbox.broken:
            event = sandbox.wait(deadline - time.monotonic())
            if event is None:
                return self._time_out(sandbox, invocation, spec)
            if event.kind == "initFailed":
                self._await_exit(sandbox)
                return Ended(event.body, is_error=True, status="error")
            if event.kind == "exit":
                return self._exit(invocation, event.status)
        return None

    def _invoke(self, sandbox: Sandbox, invocation: Invocation, spec: FunctionSpec) -> Ended:
        deadline = time.monotonic() + spec.timeout_seconds
        invocation.deadline_ms = int((time.time() + spec.timeout_seconds) * 1000)
        sandbox.send(invocation)
        while True:
            event = sandbox.wait(deadline - time.monotonic())
            if event is None:
                return self._time_out(sandbox, invocation, spec)
            if event.kind == "exit":
                return self._exit(invocation, event.status)
            if event.request_id == invocation.request_id:
                if len(event.body) > settings.MAX_RESPONSE_BYTES:
                    return Ended(outcome.too_large(), is_error=True)
                return Ended(event.body, is_error=event.kind == "error")

    def _time_out(self, sandbox: Sandbox, invocation: Invocation, spec: FunctionSpec) -> Ended:
        sandbox.kill()
        self._await_exit(sandbox)
        body, log = outcome.timed_out(invocation.request_id, spec.timeout_seconds)
        return Ended(body, is_error=True, log=log, status="timeout")

    def _exit(self, invocation: Invocation, status: int) -> Ended:
        body, log = outcome.exited(invocation.request_id, status)
        return Ended(body, is_error=True, log=log, status="error\tError Type: Runtime.ExitError")

    def _await_exit(self, sandbox: Sandbox) -> None:
        """So that what it printed last is in the log."""
        deadline = time.monotonic() + EXIT_SECONDS
        while (event := sandbox.wait(deadline - time.monotonic())) is not None and event.kind != "exit":
            pass

    def _is_node(self) -> bool:
        return str(self.function_version.config.runtime).startswith("nodejs")

    def _spec(self) -> FunctionSpec:
        config = self.function_version.config
        return FunctionSpec(
            handler=config.handler,
            code_folder=str(config.code.get_unzipped_code_location()),
            memory_mib=config.memory_size,
            timeout_seconds=config.timeout,
        )

    def get_address(self) -> str:
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        return "127.0.0.1"

    def get_runtime_endpoint(self) -> str:
        return "http://127.0.0.1"

    def get_logs(self) -> str:
        return self._sandbox.output.take() if self._sandbox else ""

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        if function_version.config.code is not None:
            function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """The unzipped code goes with the function's code object."""

    @classmethod
    def validate_environment(cls) -> bool:
        return True
