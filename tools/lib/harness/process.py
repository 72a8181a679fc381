# SPDX-License-Identifier: Apache-2.0
"""Runs one program to its end, and ends all that it started.

Every program runs in a session of its own. The harness itself moves into a process-id namespace first where
the kernel allows it, so that a wrong kill() of a program under test cannot reach the machine's processes.
"""

import contextlib
import dataclasses
import os
import pathlib
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time

CONTAINED = "WALI_CONFORMANCE_CONTAINED"


@dataclasses.dataclass
class Outcome:
    status: int  # exit status, or minus the number of the signal that ended it
    stdout: bytes
    stderr: bytes
    seconds: float
    timed_out: bool = False


def contain():
    """Starts this script again inside its own process-id namespace, if that can be had."""
    if CONTAINED not in os.environ:
        unshare = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
        unshare += ["--mount"] if os.geteuid() == 0 else ["--user", "--map-current-user"]
        with contextlib.suppress(OSError):
            if subprocess.run([*unshare, "true"], stderr=subprocess.DEVNULL).returncode == 0:
                os.environ[CONTAINED] = "1"
                os.execvp(unshare[0], [*unshare, sys.executable, *sys.argv])
    os.environ.pop(CONTAINED, None)


def level_ground():
    """Gives the programs the same start whatever the harness inherited: signals, umask, no core files."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(name, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    os.umask(0o022)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run(argv, cwd, env, stdin=b"", timeout=30.0):
    """Runs argv; its output goes to files, so that a background child that keeps it open holds up nobody."""
    with tempfile.TemporaryFile() as feed, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        feed.write(stdin)
        feed.seek(0)
        start = time.monotonic()
        process = subprocess.Popen(argv, cwd=cwd, env=env, stdin=feed, stdout=out, stderr=err,
                                   start_new_session=True)
        timed_out = not _wait_unreaped(process.pid, timeout)
        seconds = time.monotonic() - start
        _end_session(process.pid)
        process.wait()
        out.seek(0)
        err.seek(0)
        return Outcome(process.returncode, out.read(), err.read(), seconds, timed_out)


def _wait_unreaped(pid, timeout):
    """Waits for the end of a child but leaves it a zombie: its id, and so its session's, stays taken."""
    handle = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        return bool(poll.poll(timeout * 1000))
    finally:
        os.close(handle)


def _session_members(session):
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                state, _, _, its_session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
                if int(its_session) == session and state not in "ZX":
                    yield int(entry.name)


def _end_session(session):
    """Kills what is left of a session whose leader has not been reaped (so the number cannot be a new one)."""
    for _ in range(50):
        members = list(_session_members(session))
        if not members:
            return
        for pid in members:
            with contextlib.suppress(ProcessLookupError):
                handle = os.pidfd_open(pid)
                try:
                    if pid in _session_members(session):
                        signal.pidfd_send_signal(handle, signal.SIGKILL)
                finally:
                    os.close(handle)
        time.sleep(0.01)
