"""The words in which AWS reports how an invocation ended."""

import json
import signal
from datetime import UTC, datetime

from .settings import MAX_RESPONSE_BYTES

# as Go prints them, since AWS's runtime does
SIGNAL_WORDS = {
    signal.SIGABRT: "aborted",
    signal.SIGBUS: "bus error",
    signal.SIGFPE: "floating point exception",
    signal.SIGILL: "illegal instruction",
    signal.SIGINT: "interrupt",
    signal.SIGKILL: "killed",
    signal.SIGSEGV: "segmentation fault",
    signal.SIGTERM: "terminated",
    signal.SIGTRAP: "trace/breakpoint trap",
}


def error_body(error_type: str, message: str) -> bytes:
    """The payload of a failed invocation."""
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()


def timed_out(request_id: str, seconds: float) -> tuple[bytes, str]:
    """Payload and log line of an invocation that took too long."""
    message = f"Task timed out after {seconds:.2f} seconds"
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return error_body(
        "Sandbox.Timedout", f"RequestId: {request_id} Error: {message}"
    ), f"{now} {request_id} {message}\n"


def exited(request_id: str, status: int) -> tuple[bytes, str]:
    """Payload and log line of an invocation whose process ended."""
    if status == 0:
        how = "Runtime exited without providing a reason"
    elif status < 0:
        how = f"Runtime exited with error: signal: {SIGNAL_WORDS.get(-status, -status)}"
    else:
        how = f"Runtime exited with error: exit status {status}"
    message = f"RequestId: {request_id} Error: {how}"
    return error_body("Runtime.ExitError", message), f"{message}\nRuntime.ExitError\n"


def too_large() -> bytes:
    """Payload of an invocation whose response AWS would not take."""
    return error_body(
        "Function.ResponseSizeTooLarge",
        f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes).",
    )


def wrong_runtime(runtime: str | None) -> bytes:
    """Payload for a function that is not Node's."""
    return error_body("Runtime.NotSupported", f"the local AWS runs nodejs functions only, not {runtime}")


def report(
    request_id: str, seconds: float, memory_mib: int, used_mib: int, init_seconds: float | None, status: str | None
) -> str:
    """The REPORT line."""
    fields = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {seconds * 1000:.2f} ms",
        f"Billed Duration: {-int(-seconds * 1000 // 1)} ms",
        f"Memory Size: {memory_mib} MB",
        f"Max Memory Used: {used_mib} MB",
    ]
    if init_seconds is not None:
        fields.append(f"Init Duration: {init_seconds * 1000:.2f} ms")
    if status is not None:
        fields.append(f"Status: {status}")
    return "\t".join(fields) + "\t\n"
