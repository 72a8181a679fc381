# SPDX-License-Identifier: Apache-2.0
"""Runs one program to its end, and ends all that it started.

Every program runs in a session of its own. The harness itself moves into a process-id namespace first where
the kernel allows it, so that a wrong kill() of a program under test cannot reach the machine's processes.
"""

import contextlib
import ctypes
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

from harness.network import loopback_up

CONTAINED = "WALI_CONFORMANCE_CONTAINED"
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4


@dataclasses.dataclass
class Outcome:
    status: int  # exit status, or minus the number of the signal that ended it
    stdout: bytes
    stderr: bytes
    seconds: float
    timed_out: bool = False


def contain(network=False):
    """Starts this script again inside its own process-id namespace, and with `network` one of those with nothing but
    the loopback interface, if that can be had. Returns whether it was."""
    if CONTAINED not in os.environ:
        unshare = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", *(["--net"] if network else [])]
        unshare += ["--mount"] if os.geteuid() == 0 else ["--user", "--map-current-user", "--keep-caps"]
        with contextlib.suppress(OSError):
            if subprocess.run([*unshare, "true"], stderr=subprocess.DEVNULL).returncode == 0:
                os.environ[CONTAINED] = "1"
                os.execvp(unshare[0], [*unshare, sys.executable, *sys.argv])
    contained = os.environ.pop(CONTAINED, None) is not None
    if contained:
        _leave_a_reaper()
    if contained and network:
        loopback_up()
    if contained and os.geteuid() != 0:
        # What an ordinary user's namespace gave us is not for the programs that we start.
        ctypes.CDLL(None).prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    return contained


def _leave_a_reaper():
    """Process 1 inherits what programs leave behind; somebody has to wait for those. The script goes on as its child."""
    script = os.fork()
    if script == 0:
        return
    ended, status = 0, 0
    while ended != script:
        ended, status = os.wait()
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def level_ground():
    """Gives the programs the same start whatever the harness inherited: signals, umask, no core files."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(name, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    os.umask(0o022)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run(argv, cwd, env, stdin=b"", timeout=30.0, alone=False, stall=None, **who):
    """Runs argv; its output goes to files, so that a background child that keeps it open holds up nobody.

    alone: the caller is process 1 of a namespace with nothing else in it, so no session is needed to know what the
    program started, and it is not made the leader of one. stall: for a suite of tests that prints a line for each: a
    test in which nothing is printed for so many seconds is ended, and the suite goes on. who: Popen's user, group and
    extra_groups.
    """
    with tempfile.TemporaryFile() as feed, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        feed.write(stdin)
        feed.seek(0)
        start = time.monotonic()
        process = subprocess.Popen(argv, cwd=cwd, env=env, stdin=feed, stdout=out, stderr=err,
                                   start_new_session=not alone, **who)
        timed_out = not wait_moving(process.pid, out, timeout, stall or timeout)
        seconds = time.monotonic() - start
        end_all(_everybody_else if alone else lambda: session_members(process.pid))
        process.wait()
        out.seek(0)
        err.seek(0)
        return Outcome(process.returncode, out.read(), err.read(), seconds, timed_out)


def wait_unreaped(pid, timeout):
    """Waits for the end of a child but leaves it a zombie: its id, and so its session's, stays taken."""
    handle = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        return bool(poll.poll(timeout * 1000))
    finally:
        os.close(handle)


def wait_moving(leader, out, timeout, stall):
    """Waits for the end of a session's leader. Whenever `out` has not grown meanwhile, those end that it waits for."""
    end, size = time.monotonic() + timeout, -1
    while (left := end - time.monotonic()) > 0:
        if wait_unreaped(leader, min(stall, left)):
            return True
        before, size = size, os.fstat(out.fileno()).st_size
        if size == before:
            for pid in leaves(leader):
                end_one(pid, lambda: session_members(leader))
    return False


def processes():
    """(process id, its parent, session, whether it still runs) of each process there is."""
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                state, parent, _, session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
                yield int(entry.name), int(parent), int(session), state not in "ZX"


def session_members(session):
    """Its leader has not been reaped yet, so the number cannot have become another session's."""
    return [pid for pid, _, its_session, runs in processes() if its_session == session and runs]


def leaves(session):
    """Those of a session that have no children of their own, but for its leader."""
    members = {pid: parent for pid, parent, its_session, runs in processes() if its_session == session and runs}
    return sorted(members.keys() - set(members.values()) - {session})


def _everybody_else():
    assert os.getpid() == 1
    return [pid for pid, _, _, runs in processes() if pid != 1 and runs]


def end_one(pid, list_members):
    """Kills a process that is one of the listed."""
    with contextlib.suppress(ProcessLookupError):
        handle = os.pidfd_open(pid)
        try:
            if pid in list_members():
                signal.pidfd_send_signal(handle, signal.SIGKILL)
        finally:
            os.close(handle)


def end_all(list_members):
    """Kills the listed processes and what they start meanwhile."""
    for _ in range(50):
        members = list_members()
        if not members:
            return
        for pid in members:
            end_one(pid, list_members)
        time.sleep(0.01)
