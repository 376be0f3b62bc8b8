"""The LocalStack side of the keeper: start a process, hear of its end, kill it."""

import json
import logging
import os
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable
from pathlib import Path

from . import settings

LOG = logging.getLogger(__name__)
KEEPER_LOST = -9


class KeptProcess:
    """A process that the keeper runs for us."""

    def __init__(self, key: str, on_exit: Callable[[int], None]):
        self.key = key
        self.pid: int | None = None
        self.status: int | None = None
        self._on_exit = on_exit

    def started(self, pid: int) -> None:
        self.pid = pid

    def exited(self, status: int) -> None:
        self.status = status
        self._on_exit(status)

    def kill(self) -> None:
        """Kills the process and what it started. Harmless if it has ended."""
        if self.status is None:
            _keeper.kill(self.key)


class KeeperClient:
    """Starts the keeper with the first process, and again if it was lost."""

    def __init__(self):
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._processes: dict[str, KeptProcess] = {}

    def start(self, argv: list[str], env: dict[str, str], cwd: str, output: int, on_exit: Callable[[int], None]):
        """Starts `argv`; its output goes to the descriptor `output`, which stays the caller's to close."""
        process = KeptProcess(uuid.uuid4().hex, on_exit)
        request = {"op": "start", "id": process.key, "argv": argv, "env": env, "cwd": cwd}
        with self._lock:
            if self._socket is None:
                self._socket = self._start_keeper()
            self._processes[process.key] = process
            data = json.dumps(request).encode() + b"\n"
            sent = socket.send_fds(self._socket, [data], [output])
            self._socket.sendall(data[sent:])
        return process

    def kill(self, key: str) -> None:
        with self._lock:
            if self._socket is not None and key in self._processes:
                self._socket.sendall(json.dumps({"op": "kill", "id": key}).encode() + b"\n")

    def _start_keeper(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        script = str(Path(__file__).with_name("keeper.py"))
        with theirs:
            subprocess.Popen(
                [sys.executable, "-I", "-S", script, str(theirs.fileno()), settings.INSTANCE],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={name: os.environ[name] for name in ("PATH", "SLUICE_TEST_RUN") if name in os.environ},
                # its own group: a signal to LocalStack's group must not keep it from its last duty
                process_group=0,
            )
        threading.Thread(target=self._listen, args=(ours,), name="sluice-keeper", daemon=True).start()
        return ours

    def _listen(self, connection: socket.socket) -> None:
        try:
            with connection.makefile("rb") as lines:
                for line in lines:
                    self._hear(json.loads(line))
        except OSError as error:
            LOG.debug("lost the keeper: %s", error)
        with self._lock:
            self._socket = None
            lost, self._processes = list(self._processes.values()), {}
        for process in lost:
            process.exited(KEEPER_LOST)

    def _hear(self, message: dict) -> None:
        with self._lock:
            done = message["event"] == "exited"
            process = self._processes.pop(message["id"], None) if done else self._processes.get(message["id"])
        if process is None:
            return
        if done:
            process.exited(message["status"])
        else:
            process.started(message["pid"])


_keeper = KeeperClient()


def start_process(argv: list[str], env: dict[str, str], cwd: str, output: int, on_exit: Callable[[int], None]):
    """Starts a process that cannot outlive LocalStack. See `KeeperClient.start`."""
    return _keeper.start(argv, env, cwd, output, on_exit)
