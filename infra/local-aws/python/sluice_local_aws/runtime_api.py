"""The Lambda Runtime API, one server for all execution environments.

An environment's address is `127.0.0.1:PORT/KEY`: the key is in the path, so one port serves all.
Protocol: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol

VERSION = "2018-06-01"


class Invocation(Protocol):
    """What the runtime is told of an invocation."""

    request_id: str
    function_arn: str
    trace_id: str
    payload: bytes
    deadline_ms: int


class Environment(Protocol):
    """The other side of the API."""

    def next_invocation(self) -> Invocation | None:
        """Blocks until there is work; `None` when the environment is closed."""

    def initialisation_failed(self, body: bytes) -> None: ...

    def invocation_done(self, request_id: str, body: bytes, is_error: bool) -> None: ...


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # headers and body in one packet, at once: otherwise delayed acknowledgements cost 40 ms
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, *args) -> None:
        pass

    def do_GET(self) -> None:
        environment, call = self._resolve()
        if environment is None or call != ["invocation", "next"]:
            return self._answer(404)
        invocation = environment.next_invocation()
        if invocation is None:
            self.close_connection = True
            return self._answer(410)
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
            "Lambda-Runtime-Trace-Id": invocation.trace_id,
        }
        return self._answer(200, invocation.payload, headers)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        environment, call = self._resolve()
        match call if environment else None:
            case ["init", "error"]:
                environment.initialisation_failed(body)
            case ["invocation", request_id, "response"]:
                environment.invocation_done(request_id, body, is_error=False)
            case ["invocation", request_id, "error"]:
                environment.invocation_done(request_id, body, is_error=True)
            case _:
                return self._answer(404)
        return self._answer(202, b'{"status":"OK"}')

    def _resolve(self) -> tuple[Environment | None, list[str]]:
        match self.path.strip("/").split("/"):
            case [key, version, "runtime", *call] if version == VERSION:
                return self.server.environments.get(key), call
        return None, []

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response_only(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class RuntimeApi(ThreadingHTTPServer):
    """Serves the environments registered with it."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.environments: dict[str, Environment] = {}
        threading.Thread(target=self.serve_forever, name="sluice-runtime-api", daemon=True).start()

    def register(self, key: str, environment: Environment) -> str:
        """The address for `AWS_LAMBDA_RUNTIME_API`."""
        self.environments[key] = environment
        return f"127.0.0.1:{self.server_port}/{key}"

    def unregister(self, key: str) -> None:
        self.environments.pop(key, None)

    def handle_error(self, request, client_address) -> None:
        """A process that was killed drops its connection: nothing to report."""


_server: RuntimeApi | None = None
_server_lock = threading.Lock()


def runtime_api() -> RuntimeApi:
    """The one server, started on first use."""
    global _server
    with _server_lock:
        if _server is None:
            _server = RuntimeApi()
        return _server
