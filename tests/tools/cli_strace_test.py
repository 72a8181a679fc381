# SPDX-License-Identifier: Apache-2.0
"""--strace: what it prints, of which calls and processes, and that nobody but its reader notices."""
import os
import re
import resource
import shutil
import signal
import subprocess
import time
import unittest

import cli_case
from cli_case import CliCase, main

KINDS = r'''write(1, "text\n\0011\177\"", 9) = 9
openat(AT_FDCWD, "file", O_RDWR|O_CREAT|O_CLOEXEC, 0640) = 3
newfstatat(AT_FDCWD, "file", {st_mode=S_IFREG|0640, st_size=0, ...}, AT_SYMLINK_NOFOLLOW) = 0
newfstatat(3, "absent", ADDRESS, 0) = -1 ENOTDIR (Not a directory)
fcntl(3, F_SETFL, O_RDONLY|O_NONBLOCK) = 0
fcntl(3, F_GETFD) = 1
fcntl(3, F_GETLK, ADDRESS) = -1 EINVAL (Invalid argument)
ioctl(3, FIONREAD, [0]) = 0
ioctl(3, ADDRESS, ADDRESS) = -1 ENOTTY (Inappropriate ioctl for device)
writev(3, [{iov_base="ab", iov_len=2}, {iov_base="c", iov_len=1}], 2) = 3
poll([{fd=3, events=POLLIN}] => [{fd=3, events=POLLIN, revents=POLLIN}], 1, -1) = 1
mmap(NULL, 65536, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = ADDRESS
rt_sigprocmask(SIG_BLOCK, [SIGINT SIGTERM], [], 8) = 0
rt_sigaction(SIGUSR1, {sa_handler=SIG_IGN, sa_mask=[SIGQUIT], sa_flags=SA_RESTART}, NULL, 8) = 0
nanosleep({tv_sec=0, tv_nsec=1000}, NULL) = 0
socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, 0) = 4
setsockopt(4, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
bind(4, {sa_family=AF_INET, sin_port=0, sin_addr="127.0.0.1"}, 16) = 0
setrlimit(RLIMIT_CORE, {rlim_cur=2*1024, rlim_max=1024}) = -1 EINVAL (Invalid argument)
wait4(-1, ADDRESS, WNOHANG, NULL) = -1 ECHILD (No child processes)
SYS_ptrace(0, ADDRESS, 0, 0) = -1 ENOSYS (Function not implemented)
SYS_nosuchcall(7) = -1 ENOSYS (Function not implemented)
+++ exited with 0 +++
'''
BAD = r'''write(1, ADDRESS, 5) = 5
read(0, ADDRESS, 5) = 0
openat(AT_FDCWD, ADDRESS, O_RDONLY, 0) = -1 EFAULT (Bad address)
newfstatat(AT_FDCWD, ".", ADDRESS, 0) = -1 EFAULT (Bad address)
writev(1, ADDRESS, 2) = -1 EFAULT (Bad address)
poll(ADDRESS, 3, 0) = -1 EFAULT (Bad address)
nanosleep(ADDRESS, NULL) = -1 EFAULT (Bad address)
rt_sigprocmask(SIG_BLOCK, ADDRESS, NULL, 8) = -1 EFAULT (Bad address)
setsockopt(1, SOL_SOCKET, SO_REUSEADDR, ADDRESS, 4) = -1 ENOTSOCK (Socket operation on non-socket)
bind(1, ADDRESS, 16) = -1 ENOTSOCK (Socket operation on non-socket)
execve("/bin/true", ADDRESS, NULL <unfinished ...>
<... execve resumed>) = -1 EFAULT (Bad address)
fcntl(1, F_GETLK, ADDRESS) = -1 EFAULT (Bad address)
writev(1, [{iov_base=ADDRESS, iov_len=4}], 1) = 4
+++ exited with 0 +++
'''


def calls(trace):
    """Name of each call, in order of its first appearance on a line."""
    return re.findall(r"^(?:\[pid \d+\] )?(\w+)\(", trace, re.M)


class Strace(CliCase):
    @classmethod
    def setUpClass(cls):
        cls.build_guest("strace_guest.c", ["-matomics", "-mbulk-memory", "-Wl,--shared-memory",
                                           "-Wl,--max-memory=1073741824"])

    def setUp(self):
        super().setUp()
        shutil.copy(self.module, self.dir)

    def trace(self, what, *options, status=0, **more):
        """Standard error of a run with --strace-out left out: the trace."""
        self.run_cli(*(options or ["--strace"]), "g.wasm", what, **more).gives(status)
        return self.stderr

    def comparable(self, trace):
        return re.sub(r"\b0x[0-9a-f]{4,}(?=[,)}])|\b0x[0-9a-f]{4,}$", "ADDRESS", trace, flags=re.M)

    def test_arguments_and_results(self):
        self.assertEqual(self.comparable(self.trace("kinds")), KINDS)

    def test_bad_pointers_are_shown_as_addresses(self):
        with open(os.devnull, "wb") as null, open(os.devnull, "rb") as empty:
            # /dev/null takes and gives bytes without touching them.
            done = subprocess.run([cli_case.WALI_RUN, "--strace", "g.wasm", "bad"], cwd=self.dir, stdin=empty,
                                  stdout=null, stderr=subprocess.PIPE, text=True, check=True)
        self.assertEqual(self.comparable(done.stderr), BAD)

    def test_processes_have_their_pid(self):
        trace = self.trace("processes")
        child, killed = re.findall(r"\bfork\(\) = (\d+)", trace)
        for line in (rf"\[pid {child}\] write\(4, \"x\", 1( <unfinished \.\.\.>|\) = 1)", rf"\[pid {child}\] exit_group\(3\) = \?",
                     rf"\[pid {child}\] \+\+\+ exited with 3 \+\+\+", r"\[pid \d+\] \+\+\+ exited with 0 \+\+\+",
                     rf"(\[pid \d+\] )?(wait4\(-1|<... wait4 resumed>), \[exited with 3\], 0, NULL\) = {child}",
                     rf"(\[pid \d+\] )?(wait4\(-1|<... wait4 resumed>), \[killed by SIGKILL\], 0, NULL\) = {killed}",
                     rf"\[pid {killed}\] kill\({killed}, SIGKILL <unfinished \.\.\.>"):
            self.assertRegex(trace, f"(?m)^{line}$")

    def test_threads_have_their_tid(self):
        trace = self.trace("thread")
        tid = re.search(r"__wasm_thread_spawn\(1, 0\) = (\d+)", trace)[1]
        self.assertRegex(trace, rf'(?m)^\[pid {tid}\] write\(1, "thread\\n", 7')

    def test_other_programs(self):
        trace = self.trace("other")
        module, native = re.findall(r"\bfork\(\) = (\d+)", trace)
        self.assertRegex(trace, rf'(?m)^\[pid {module}\] execve\("g.wasm", \["again"\], 0x\w+ /\* 0 vars \*/ <unfinished')
        self.assertRegex(trace, rf"(?m)^\[pid {module}\] <... execve resumed>\) = 0$")
        self.assertRegex(trace, rf"(?m)^\[pid {module}\] exit_group\(4\) = \?$")
        self.assertRegex(trace, rf'(?m)^\[pid {native}\] execve\("/bin/echo", \["echo", "native"\], ')
        self.assertIn("native\n", self.stdout)

    def test_signals(self):
        trace = self.trace("signal")
        self.assertRegex(trace, r"(?m)^--- SIGUSR2 \{si_signo=SIGUSR2, si_code=SI_USER, si_pid=\d+, si_uid=\d+\} ---$")
        self.assertLess(trace.index("--- SIGUSR2"), trace.index('write(1, "handler'))

    def test_filters(self):
        self.assertEqual(set(calls(self.trace("kinds", "--strace=writev,%clock"))), {"writev", "nanosleep"})
        self.assertEqual(set(calls(self.trace("kinds", "--strace=signal"))),
                         {"rt_sigprocmask", "rt_sigaction"})
        self.assertEqual(set(calls(self.trace("kinds", "--strace=!file,desc,network,signal,clock,memory"))),
                         {"setrlimit", "wait4", "SYS_ptrace"})
        self.assertEqual(set(calls(self.trace("kinds", "--strace=ptrace"))), {"SYS_ptrace"})
        self.run_cli("--strace=files", "g.wasm", "kinds").gives(125, stdout="")
        self.assertTrue(self.stderr.startswith("wali-run: --strace: 'files' is neither a system call nor one of all, "))

    def test_a_file(self):
        self.file("t", "old\n" * 1000)
        self.assertEqual(self.trace("kinds", "--strace", "--strace-out=t"), "")
        self.assertEqual(self.comparable((self.dir / "t").read_text()), KINDS)
        self.run_cli("--strace", "--strace-out=no/t", "g.wasm", "kinds").refused(
            125, "g.wasm: --strace-out no/t: No such file or directory")
        self.run_cli("--strace-out=t", "g.wasm", "kinds").refused(
            125, "g.wasm: --strace-out: give --strace or --strace-summary too")

    def summary(self, text):
        """calls and errors by name"""
        rows = re.findall(r"^ *[\d.]+ +[\d.]+ +\d+ +(\d+) +(\d+)? +(\w+)$", text, re.M)
        return {name: (int(calls), int(errors or 0)) for calls, errors, name in rows}

    def test_summary(self):
        table = self.summary(self.trace("kinds", "--strace-summary"))
        self.assertEqual((table["newfstatat"], table["ioctl"], table["mmap"], table["ptrace"]), ((2, 1), (2, 1), (1, 0), (1, 1)))
        others = [v for name, v in table.items() if name != "total"]
        self.assertEqual(table["total"], tuple(map(sum, zip(*others))))
        self.assertNotIn("newfstatat(", self.stderr)

    def test_summary_counts_all_processes(self):
        table = self.summary(self.trace("other", "--strace-summary"))
        self.assertEqual((table["fork"], table["execve"], table["exit_group"]), ((2, 0), (2, 0), (1, 0)))
        both = self.trace("other", "--strace=fork", "--strace-summary")
        self.assertEqual(calls(both).count("fork"), 2)
        self.assertEqual(set(self.summary(both)), {"fork", "total"})

    def test_summary_after_death(self):
        self.run_cli("--strace-summary", "--strace-out=t", "g.wasm", "death").gives(-signal.SIGTERM, "")
        # It is printed when the process is gone: a moment later.
        for _ in range(600):
            if " total\n" in (self.dir / "t").read_text():
                break
            time.sleep(0.05)
        self.assertEqual(self.summary((self.dir / "t").read_text())["getpid"], (1, 0))

    def test_a_reader_that_has_gone(self):
        read, write = os.pipe()
        os.close(read)
        with os.fdopen(write, "wb") as end:
            done = subprocess.run([cli_case.WALI_RUN, "--strace", "--strace-summary", "g.wasm", "kinds"], cwd=self.dir,
                                  stdout=subprocess.PIPE, stderr=end, stdin=subprocess.DEVNULL, check=False)
        self.assertEqual((done.returncode, done.stdout[:5]), (0, b"text\n"))

    def test_a_full_file(self):
        self.run_cli("--strace", "--strace-out=t", "g.wasm", "kinds",
                     preexec=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)))
        self.gives(0, "")
        self.assertEqual(os.stat(self.dir / "t").st_size, 100)


if __name__ == "__main__":
    main()
