"""Starts and reaps the processes of execution environments, in a process of its own.

It is small and has one thread, so that forking is safe and cheap (LocalStack itself has hundreds of threads and megabytes).
It holds one end of a socket to LocalStack. When that closes, LocalStack has ended in whatever way, `kill -9` included:
the keeper then kills every process that it started, hung ones too, and ends. On Linux the kernel does the same to the
processes if the keeper itself is killed.

Requests, one JSON object a line: `{"op": "start", "id", "argv", "env", "cwd"}` with one file descriptor for the output,
`{"op": "kill", "id"}`. Answers: `{"event": "started", "id", "pid"}`, `{"event": "exited", "id", "status"}` (negative: the signal).

Only the standard library, run as `python -I -S keeper.py SOCKET_FD INSTANCE`.
"""

import contextlib
import ctypes
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections import deque

PR_SET_PDEATHSIG = 1
FAILED_TO_START = 127


class Keeper:
    """The processes by id, and the conversation about them."""

    def __init__(self, control: socket.socket):
        self._control = control
        self._received = b""
        self._outputs: deque[int] = deque()
        self._pids: dict[str, int] = {}
        self._libc = ctypes.CDLL(None) if sys.platform == "linux" else None
        self._pid = os.getpid()

    def run(self) -> None:
        wake_read, wake_write = os.pipe()
        os.set_blocking(wake_read, False)
        os.set_blocking(wake_write, False)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        # handlers rather than SIG_IGN: an ignored signal would stay ignored in the processes started
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        while True:
            ready, _, _ = select.select([self._control, wake_read], [], [])
            if wake_read in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(wake_read, 4096)
                self._reap()
            if self._control in ready and not self._receive():
                return

    def kill_all(self) -> None:
        for pid in self._pids.values():
            _kill_group(pid)

    def _receive(self) -> bool:
        data, descriptors, _, _ = socket.recv_fds(self._control, 1 << 16, 16)
        self._outputs.extend(descriptors)
        *lines, self._received = (self._received + data).split(b"\n")
        for line in lines:
            request = json.loads(line)
            if request["op"] == "start":
                self._start(request, self._outputs.popleft())
            elif request["id"] in self._pids:
                _kill_group(self._pids[request["id"]])
        return bool(data)

    def _start(self, request: dict, output: int) -> None:
        try:
            process = subprocess.Popen(
                request["argv"],
                cwd=request["cwd"],
                env=request["env"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                process_group=0,
                preexec_fn=self._die_with_keeper if self._libc else None,
            )
        except OSError as error:
            with contextlib.suppress(OSError):
                os.write(output, f"cannot start {request['argv'][0]}: {error}\n".encode())
            self._answer(event="exited", id=request["id"], status=FAILED_TO_START)
            return
        finally:
            os.close(output)
        process.returncode = 0  # reaped by _reap; otherwise subprocess would try as well
        self._pids[request["id"]] = process.pid
        self._answer(event="started", id=request["id"], pid=process.pid)

    def _die_with_keeper(self) -> None:
        self._libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != self._pid:
            os._exit(FAILED_TO_START)

    def _reap(self) -> None:
        for key, pid in list(self._pids.items()):
            done, status, _ = os.wait4(pid, os.WNOHANG)
            if done:
                _kill_group(pid)  # what it started itself goes with it
                del self._pids[key]
                self._answer(event="exited", id=key, status=os.waitstatus_to_exitcode(status))

    def _answer(self, **message) -> None:
        self._control.sendall(json.dumps(message).encode() + b"\n")


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


if __name__ == "__main__":
    keeper = Keeper(socket.socket(fileno=int(sys.argv[1])))
    try:
        keeper.run()
    except OSError:
        pass  # LocalStack is gone: the same as its closing the socket
    finally:
        keeper.kill_all()
