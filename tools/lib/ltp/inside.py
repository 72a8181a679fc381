# SPDX-License-Identifier: Apache-2.0
"""Runs one test as process 1 of namespaces of its own; reads what to run, and writes how it ended, as JSON.

A file of its own that imports little: it is started for each test.
"""

import contextlib
import ctypes
import json
import os
import pathlib
import resource
import signal
import stat
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from harness.network import loopback_up  # noqa: E402

PR_CAPBSET_DROP = 24
# What a test must not do to the machine: CAP_SYS_MODULE, CAP_SYS_RAWIO, CAP_SYS_BOOT, CAP_SYS_TIME.
DROPPED = (16, 17, 22, 25)
# What the machine has of these is in the test's own /dev; loop devices too, and more that the kernel makes when it is asked.
DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "kmsg", "fuse", "userfaultfd", "cpu_dma_latency", "net/tun",
           "loop-control")
LOOP_MAJOR, LOOPS = 7, 16
LINKS = {"ptmx": "pts/ptmx", "fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1",
         "stderr": "/proc/self/fd/2"}
BELOW = (("shm", b"tmpfs", b"size=1g,mode=1777"), ("pts", b"devpts", b"newinstance,ptmxmode=0666,mode=620"),
         ("mqueue", b"mqueue", b""))
MS_NOSUID, MS_NOEXEC, MS_BIND, MS_MOVE = 2, 8, 0x1000, 0x2000

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
    mount("tmpfs", "/tmp", b"tmpfs", 0, b"size=3g,mode=1777")
    own_devices(pathlib.Path("/tmp/dev"))
    os.umask(0)
    os.mkdir(scratch, 0o1777)
    os.umask(0o022)
    loopback_up()
    for capability in DROPPED:
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, 0)  # tests expect it, whatever this command runs at
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def mount(source, place, kind, flags=0, data=b""):
    """Ends this process if it cannot: a test must not run in the machine's own folders."""
    if libc.mount(os.fsencode(source), os.fsencode(place), kind, flags, data):
        sys.exit(f"{place}: {(kind or b'it').decode()} cannot be mounted: {os.strerror(ctypes.get_errno())}")


def own_devices(new):
    """Another /dev instead of the machine's, whose nodes a test as root could remove or change."""
    new.mkdir()
    mount("tmpfs", new, b"tmpfs", MS_NOSUID | MS_NOEXEC, b"size=1m,mode=755")
    old = pathlib.Path("/dev")
    for path in [*(old / name for name in DEVICES), *old.glob("loop[0-9]*")]:
        if path.exists():
            own_device(path, new / path.relative_to(old))
    for number in range(LOOPS):
        with contextlib.suppress(FileExistsError, PermissionError):
            os.mknod(new / f"loop{number}", stat.S_IFBLK | 0o600, os.makedev(LOOP_MAJOR, number))
    for name, target in LINKS.items():
        (new / name).symlink_to(target)
    for name, kind, data in BELOW:
        (new / name).mkdir()
        mount(kind, new / name, kind, 0, data)
    mount(new, old, None, MS_MOVE)
    new.rmdir()


def own_device(old, new):
    """A node of its own; a user who is root only in a namespace may make none, and cannot change the machine's either."""
    new.parent.mkdir(exist_ok=True)
    found = old.stat()
    try:
        os.mknod(new, stat.S_IFMT(found.st_mode) | 0o600, found.st_rdev)
        os.chmod(new, stat.S_IMODE(found.st_mode))
    except PermissionError:
        new.touch()
        mount(old, new, None, MS_BIND)


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
