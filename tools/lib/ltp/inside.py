# SPDX-License-Identifier: Apache-2.0
"""Runs one test as process 1 of namespaces of its own; reads what to run, and writes how it ended, as JSON.

A file of its own that imports little: it is started for each test.
"""

import ctypes
import json
import os
import resource
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from harness.network import loopback_up  # noqa: E402

PR_CAPBSET_DROP = 24
# What a test must not do to the machine: CAP_SYS_MODULE, CAP_SYS_RAWIO, CAP_SYS_BOOT, CAP_SYS_TIME.
DROPPED = (16, 17, 22, 25)
SCRATCH = (("/dev/shm", b"tmpfs", b"size=1g,mode=1777"), ("/tmp", b"tmpfs", b"size=3g,mode=1777"),
           ("/dev/mqueue", b"mqueue", b""))

libc = ctypes.CDLL(None, use_errno=True)


def main():
    if os.getpid() != 1:
        sys.exit("this runs as process 1 of a namespace")
    job = json.load(sys.stdin)
    output = os.open(job["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    os.chdir(job["folder"])
    prepare(job["scratch"])
    print(json.dumps(run(job, output)))


def prepare(scratch):
    for place, kind, data in SCRATCH:
        if os.path.isdir(place) and libc.mount(kind, place.encode(), kind, 0, data) and kind != b"mqueue":
            sys.exit(f"{place}: no {kind.decode()} can be mounted: {os.strerror(ctypes.get_errno())}")
    os.umask(0)
    os.mkdir(scratch, 0o1777)
    os.umask(0o022)
    loopback_up()
    for capability in DROPPED:
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def run(job, output):
    """Ends with the test, or with its time; what it leaves behind ends with the namespace, that is with this process."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    start = time.monotonic()
    null = os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
    test = os.posix_spawn(job["command"][0], job["command"], job["environment"], setsid=True, setsigmask=[],
                          setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],
                          file_actions=[(os.POSIX_SPAWN_DUP2, fd, to) for fd, to in ((null, 0), (output, 1), (output, 2))])
    status = reap(test, start + job["limit"])
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"status": None if status is None else os.waitstatus_to_exitcode(status),
            "seconds": round(time.monotonic() - start, 3), "cpu": round(used.ru_utime + used.ru_stime, 3)}


def reap(test, deadline):
    """The status of the test, or None after the deadline; also waits for all that becomes this process's child."""
    while True:
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            if ended[0] == test:
                return ended[1]
        left = deadline - time.monotonic()
        if left <= 0:
            return None
        signal.sigtimedwait([signal.SIGCHLD], left)


if __name__ == "__main__":
    main()
