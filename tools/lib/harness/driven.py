# SPDX-License-Identifier: Apache-2.0
"""Runs a program that does not end by itself, or wants to be talked to: signals, typed text, a second program.

What happens to it is a list of steps; each step waits for what it needs to see, never for time to pass.
"""

import contextlib
import dataclasses
import os
import pathlib
import pty
import subprocess
import tempfile
import threading
import time

from harness import process
from harness.process import Outcome

POLL = 0.005


class TimedOut(Exception):
    pass


class Ended(Exception):
    """The program is no more, but a step waits for it to do something."""


@dataclasses.dataclass
class Session:
    """A running program, as the steps see it."""

    pid: int
    shown: object  # () -> its standard output so far
    terminal: int  # the other end of its terminal, or None
    start: object  # (name of a program) -> Outcome, run to its end
    deadline: float
    others: list = dataclasses.field(default_factory=list)  # (name, Outcome) of programs that steps ran

    def until(self, condition):
        """For steps."""
        while not condition():
            if process.wait_unreaped(self.pid, 0) and not condition():
                raise Ended
            self.pause(POLL)

    def pause(self, seconds):
        if time.monotonic() > self.deadline:
            raise TimedOut
        time.sleep(seconds)

    def end(self):
        """Until it has ended, and all that it started."""
        while not process.wait_unreaped(self.pid, 0):
            self.pause(POLL)
        while process.session_members(self.pid):
            self.pause(10 * POLL)


def shows(text, count=1):
    """Until its output holds `text` that often."""
    return lambda session: session.until(lambda: session.shown().count(text.encode()) >= count)


def blocked(session):
    """Until it is inside a system call and stays there."""
    def in_call():
        try:
            return pathlib.Path(f"/proc/{session.pid}/syscall").read_text(encoding="ascii")
        except ProcessLookupError:
            return "ended"

    def stays():
        first = in_call()
        time.sleep(4 * POLL)
        return first[0].isdigit() and first == in_call()

    session.until(stays)


def busy(session):
    """Until it has computed for a while: start-up is behind it."""
    def ticks():
        return int(pathlib.Path(f"/proc/{session.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[11])

    session.until(lambda: ticks() >= 20)


def gets(signal):
    return lambda session: os.kill(session.pid, signal)


def typed(text):
    return lambda session: os.write(session.terminal, text.encode())


def beside(program):
    """Runs another program of the same side to its end."""
    return lambda session: session.others.append((program, session.start(program)))


def run(argv, cwd, env, steps, start, stdin=b"", terminal=False, timeout=60.0):
    """(Outcome, [(name, Outcome) of programs beside it]): runs argv through its steps to its end and that of all it
    started. With `terminal` it has one, its own, and stands alone in its session; stdin is not used then."""
    with contextlib.ExitStack() as stack:
        make = _on_terminal if terminal else _on_files
        child, shown, errors, master = make(argv, cwd, env, stdin, stack)
        begin = time.monotonic()
        session = Session(child.pid, shown, master, start, begin + timeout)
        timed_out = False
        try:
            with contextlib.suppress(Ended):
                for step in steps:
                    step(session)
            session.end()
        except TimedOut:
            timed_out = True
        seconds = time.monotonic() - begin
        process.end_all(lambda: process.session_members(child.pid))
        child.wait()
        return Outcome(child.returncode, shown(ended=True), errors(), seconds, timed_out), session.others


def _on_files(argv, cwd, env, stdin, stack):
    feed, out, err = (stack.enter_context(tempfile.TemporaryFile()) for _ in range(3))
    feed.write(stdin)
    feed.seek(0)
    child = subprocess.Popen(argv, cwd=cwd, env=env, stdin=feed, stdout=out, stderr=err, start_new_session=True)

    def everything(file):
        return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0)

    return child, lambda ended=False: everything(out), lambda: everything(err), None


def _on_terminal(argv, cwd, env, _stdin, stack):
    master, slave = pty.openpty()
    stack.callback(os.close, master)
    # setsid becomes the program: the child is no process group's leader yet.
    child = subprocess.Popen(["setsid", "--ctty", *argv], cwd=cwd, env=env, stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    seen = []

    def read():
        with contextlib.suppress(OSError):  # EIO: nobody has the terminal open any more
            while chunk := os.read(master, 65536):
                seen.append(chunk)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()

    def shown(ended=False):
        if ended:
            reader.join(10)
        return b"".join(seen).replace(b"\r\n", b"\n")

    return child, shown, lambda: b"", master
