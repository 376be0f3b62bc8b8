"""Runs a program on a pseudo-terminal of its own and plays a script against it. Node has no pseudo-terminals.

Arguments: the script as JSON, then the program. Steps: ["see", TEXT] waits for a text since the last step, ["type", TEXT],
["size", COLUMNS, ROWS]. Prints JSON: all output, the exit code, and whether the terminal is left as it was.
"""

import fcntl
import json
import os
import select
import struct
import subprocess
import sys
import termios
import time

PATIENCE_SECONDS = 40


def main() -> None:
    steps, program = json.loads(sys.argv[1]), sys.argv[2:]
    master, slave = os.openpty()
    resize(slave, 80, 24)
    before = termios.tcgetattr(slave)
    child = subprocess.Popen(program, stdin=slave, stdout=slave, stderr=slave, preexec_fn=own_terminal)
    output, missing = play(master, slave, steps)
    if missing is not None:
        child.kill()
    output += read_until(master, lambda _: child.poll() is not None)
    exit_code = end(child)
    restored = termios.tcgetattr(slave) == before
    output += drain(master)
    text = output.decode("utf-8", "replace")
    print(json.dumps({"output": text, "exit": exit_code, "restored": restored, "missing": missing}))


def own_terminal() -> None:
    """Makes the standard input the terminal that Ctrl-C and changes of size are sent by."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def play(master: int, slave: int, steps: list) -> tuple[bytes, str | None]:
    output = b""
    for kind, *values in steps:
        if kind == "see":
            wanted = values[0].encode()
            new = read_until(master, lambda seen: wanted in seen)
            output += new
            if wanted not in new:
                return output, values[0]
        elif kind == "type":
            os.write(master, values[0].encode())
        else:
            resize(slave, *values)
    return output, None


def read_until(master: int, is_enough) -> bytes:
    seen, until = b"", time.monotonic() + PATIENCE_SECONDS
    while not is_enough(seen) and time.monotonic() < until:
        seen += read_some(master, 0.1)
    return seen


def drain(master: int) -> bytes:
    seen = b""
    while new := read_some(master, 0.1):
        seen += new
    return seen


def read_some(master: int, seconds: float) -> bytes:
    return os.read(master, 65536) if select.select([master], [], [], seconds)[0] else b""


def end(child: subprocess.Popen) -> int:
    if child.poll() is None:
        child.kill()
    return child.wait()


def resize(terminal: int, columns: int, rows: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


main()
