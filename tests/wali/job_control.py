#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sits at a terminal before guest/job_control.c, which is a shell, and types: natively, then under wali-run.

usage: job_control.py [--traced] WALI_RUN PROGRAM

Both must show everything that is waited for, and in the end have shown the same.
"""
import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import tempfile
import termios
import time

SECONDS = 60  # for one step, on however busy a machine
KEYS = {"^C": b"\x03", "^Z": b"\x1a", "^\\": b"\x1c"}
PROMPT = "$ "


class Trouble(Exception):
    pass


class Terminal:
    """The other end of a terminal, and the program that leads a session on it."""

    def __init__(self, command):
        self.screen, self.seen = "", 0
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            with contextlib.suppress(OSError):
                for number in range(1, signal.NSIG):
                    if number not in (signal.SIGKILL, signal.SIGSTOP, 32, 33):
                        signal.signal(number, signal.SIG_DFL)
                signal.pthread_sigmask(signal.SIG_SETMASK, [])
                os.execvp(command[0], command)
            os._exit(126)

    def close(self):
        """The terminal is gone: what still has it is told so. The status."""
        os.close(self.fd)
        deadline = time.monotonic() + SECONDS
        ended = (0, 0)
        while ended[0] == 0 and time.monotonic() < deadline:
            ended = os.waitpid(self.pid, os.WNOHANG)
            time.sleep(0.005)
        if ended[0] == 0:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            return "does not end"
        return os.waitstatus_to_exitcode(ended[1])

    def type(self, text):
        os.write(self.fd, KEYS.get(text, text.encode() + b"\n"))

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))

    def until(self, text):
        deadline = time.monotonic() + SECONDS
        while text not in self.screen[self.seen:]:
            ready, _, _ = select.select([self.fd], [], [], max(0.0, deadline - time.monotonic()))
            data = b""
            with contextlib.suppress(OSError):  # EIO: nobody has the other end open
                data = os.read(self.fd, 4096) if ready else b""
            if not data:
                raise Trouble(f"waited for {text!r}, but there is only {self.screen[self.seen:]!r}")
            self.screen += data.decode("utf-8", "backslashreplace").replace("\r\n", "\n")
        self.seen = self.screen.index(text, self.seen) + len(text)


# (what is typed, or a size of the window; what then must appear)
STEPS = [
    # The shell itself does not mind.
    ("^C", "^C"), ("no command", "no such command\n$ "), ("^Z", "^Z"),
    # ^C, ^Z, ^\ reach the job that has the terminal, busy or blocked, and no other.
    ("run spin", "spinning\n"), ("^C", "killed = 2\n$ "),
    ("run spin", "spinning\n"), ("^\\", "killed = 3\n$ "),
    ("run spin", "spinning\n"), ("^Z", "stopped = 20\n$ "), ("bg", "background\n$ "), ("^C", "^C"),
    ("fg", "foreground\n"), ("^Z", "stopped = 20\n$ "), ("fg", "foreground\n"), ("^C", "killed = 2\n$ "),
    ("run echo", "echoing\n"), ("one", "line = one\n"), ("^Z", "stopped = 20\n$ "), ("fg", "foreground\n"),
    ("two", "line = two\n"), ("", "exited = 3\n$ "),
    ("run threads", "echoing\n"), ("one", "line = one\n"), ("^Z", "stopped = 20\n$ "), ("fg", "foreground\n"),
    ("two", "line = two\n"), ("^Z", "stopped = 20\n$ "), ("bg", "background\n$ "), ("wait", "stopped = 21\n$ "),
    ("fg", "foreground\n"), ("^C", "killed = 2\n$ "),
    ("run pair", "both here\n"), ("^Z", "stopped = 20\n$ "), ("fg", "foreground\n"), ("^C", "partner = 2\nexited = 5\n$ "),
    ("run again", "echoing\n"), ("^Z", "stopped = 20\n$ "), ("fg", "foreground\n"), ("three", "line = three\n"),
    ("^C", "killed = 2\n$ "),
    # The same with handlers.
    ("run listen", "listening\n"), ("^C", "interrupt = 1\n"), ((33, 99), "rows = 33\ncolumns = 99\n"),
    ("^Z", "about to stop\nstopped = 20\n$ "), ("size", "rows = 33\ncolumns = 99\n$ "), ((34, 98), None),
    ("size", "rows = 34\ncolumns = 98\n$ "), ("resume", "going on\n"), ("^C", "interrupt = 2\n"),
    ((35, 97), "rows = 35\ncolumns = 97\n"), ("four", "line = four\nread = 4\nexited = 4\n$ "),
    ("run resize", "rows = 50\ncolumns = 132\nexited = 8\n$ "),
    # A terminal whose keys mean nothing.
    ("run raw", "raw mode\n"), ("^C", "byte = 3\n"), ("^Z", "byte = 26\n"), ("^\\", "byte = 28\nexited = 9\n$ "),
    # Reading, taking and, if so set, writing stop a job in the background, unless nobody could set it going again.
    ("start echo", "echoing\n$ "), ("wait", "stopped = 21\n$ "), ("resume", None), ("five", "line = five\n"),
    ("", "exited = 3\n$ "),
    ("start take", "taking\n$ "), ("wait", "stopped = 22\n$ "),
    ("resume", "taken = 0\nforeground = 1\nexited = 6\n$ "),
    ("tostop", "$ "), ("start late", "$ "), ("wait", "stopped = 22\n$ "), ("resume", "late\nexited = 7\n$ "),
    ("tostop", "$ "),
    ("run borrow", "exited = 6\n$ "), ("orphan", "takes = -25\n$ "), ("session", "killed = 2\n$ "),
    # Another takes the terminal away.
    ("run listen", "listening\n"),
]


def play(command):
    """(what was on the screen, status, what did not come)"""
    terminal = Terminal(command)
    try:
        terminal.until(PROMPT)
        for act, then in STEPS:
            if isinstance(act, str):
                terminal.type(act)
            else:
                terminal.resize(*act)
            if then is not None:
                terminal.until(then)
    except Trouble as trouble:
        return terminal.screen, terminal.close(), f"{act!r}: {trouble}"
    return terminal.screen, terminal.close(), ""


def plain(screen):
    """Without the keys' echo: it comes after the signal, and so at any time."""
    for key in KEYS:
        screen = screen.replace(key, "")
    return screen


def main():
    words = sys.argv[1:]
    traced = words[0] == "--traced"
    wali_run, program = (os.path.abspath(word) for word in words[traced:])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        options = ["--strace", "--strace-out=trace"] if traced else []
        expected = play([f"{program}.native"])
        actual = play([wali_run, *options, f"{program}.wasm"])
    if plain(expected[0]) == plain(actual[0]) and expected[1:] == actual[1:] == (-signal.SIGHUP, ""):
        print(f"{len(STEPS)} steps, {len(actual[0].splitlines())} lines")
        return 0
    for who, (screen, status, trouble) in (("natively", expected), ("as a guest", actual)):
        print(f"---- {who}, status {status}\n{screen}\n{trouble}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
