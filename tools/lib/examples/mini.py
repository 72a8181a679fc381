# SPDX-License-Identifier: Apache-2.0
"""The WALI checkout's examples/mini: what its programs need in order to say something, and what differs by nature.

A program without an entry here runs once, without arguments and with empty input. Those that never end, or wait for
somebody, have steps. Programs on a terminal show every line at once, so that what a handler prints is compared.
"""

import dataclasses
import re
import signal

from apps.check import Check
from harness.driven import beside, blocked, busy, gets, shows, typed


@dataclasses.dataclass(frozen=True)
class Case(Check):
    """A Check whose command is the arguments of the program it is named after."""

    steps: tuple = ()
    terminal: bool = False
    unsorted: bool = False  # several processes or threads print whole lines: their order is chance
    contained: bool = False  # only where it cannot reach the machine's other processes


def case(name, *arguments, **more):
    return Case(name if "/" in name else name + "/run", arguments, **more)


SCRIPT = "".join(f"line {n} of a file that several programs read\n" for n in range(20))
LONG_TEXT = "".join(f"{n:06} abcdefghijklmnopqrstuvwxyz\n" for n in range(22000))
READS_SCRIPT = {"files": {"compile-wali.sh": SCRIPT}}
# Other files than those of the other run, or read at another time.
INODES = ((r"(I-node number|Last status change|Last file modification|Last file access): .*", r"\1"),)
FREE_SPACE = ((r"F-(bfree|bavail|ffree): \d+", r"F-\1"),)
SECONDS = ((r"(Sec|Nsec): +\d+", r"\1"),)
SELVES = ((r"Self: -?\d+", "Self"),)
# A pointer or a size has four bytes in one of them, so what holds one has another size.
POINTER_SIZES = ((r"(?ms)^(stack_t|struct (?:iovec|sigaction|msghdr)) \(size=.*?^  total: \d+ bytes$",
                  lambda m: re.sub(r" *\d+", " N", m[0])),)


def stat(name, **more):
    return case(name, **READS_SCRIPT, normalise=INODES, expect=("regular file", "File size:    890"), **more)


def handler(name, *more, text="Custom Signal Handler: {}", shown="2"):
    """^C twice at a program that sleeps and loops; the handler prints; then it is ended."""
    text = text.format(shown)
    return case(name, terminal=True, status=-15, expect=(text,), normalise=((r"(Wait 2 sec\n)+", r"\1"),),
                steps=(shows("Wait 2 sec"), blocked, typed("\x03"), shows(text), *more, blocked, typed("\x03"),
                       shows(text, 2), blocked, gets(signal.SIGTERM)))


FILES = [
    case("access/present", "compile-wali.sh", **READS_SCRIPT, expect=("OK access rights", "Read ct:    99")),
    case("access/absent", expect=("No access rights -- Errno: No such file",)),
    *(case(name, **READS_SCRIPT, expect=("Read ct:    99",)) for name in ("dup", "fileops", "lseek")),
    *(stat(name) for name in ("fstat2", "lstat", "stat")),
    case("fstat", files={"compile-wali-debug.sh": SCRIPT}, normalise=INODES, expect=("regular file",)),
    *(case(name, **READS_SCRIPT, normalise=FREE_SPACE, expect=("F-namelen: ",)) for name in ("fstatfs", "statfs")),
    case("stat/absent", status=1, expect=("ERROR",)),
    case("utime", **READS_SCRIPT, after="stat -c '%X %Y' compile-wali.sh", expect=("4325432 2435",)),
    case("fcntl", files={"random_file": "anything"}),
    case("flock", ignore=("sample_fileno.txt",), after="sed 's/[0-9]*$//' sample_fileno.txt",
         expect=("Hello from File \n" * 5,)),
    case("noflock", ignore=("sample_fileno.txt",), normalise=((r"Rand no: \d+", "Rand no"),),
         after="sed 's/[0-9]*//g' sample_fileno.txt", expect=("Hello from File \n" * 6,)),
    case("getdirents", normalise=((r"(Inode|D_off): +\d+", r"\1"),), expect=("D_name:    dir",)),
    case("statall", files={"one": "", "a/two": "", "a/b/three": ""}, expect=("Files in the current",)),
    case("mmap2", files={"sample_text.txt": LONG_TEXT}, expect=("016000 abc",)),
    case("mmap2/beyond-the-end", files={"sample_text.txt": LONG_TEXT[:50000]}, expect=("001400 abc",)),
    case("mmap2/absent", status=1, expect=("Failed to open",)),
    case("mprotect", files={"sample_text.txt": LONG_TEXT}, expect=("printed: 60090", "printed: 8192")),
]

INPUT = [
    case("args", "one", "two words", "", "-x", expect=("Arg 2: two words", "Arg 4: -x")),
    case("getenv", env={"TERM": "dumb"}, normalise=((r"HOME = .*", "HOME"),), expect=("TERM = dumb",)),
    case("read/terminal", terminal=True, steps=(shows("Enter a sentence"), blocked, typed("a typed sentence\n")),
         normalise=((r"(?s)(Replaced buf: A typed sentence).*", r"\1"),), expect=("Replaced buf: A typed",)),
    case("read/file", stdin="words of a file\0", normalise=((r"(?s)(Words of a file).*", r"\1"),),
         expect=("Replaced buf: Words of a file",)),
    case("streamin", stdin=SCRIPT, expect=("Read ct:    99",)),
    case("streamin/terminal", terminal=True, steps=(blocked, typed("typed\n")), expect=("Read ct:    6",)),
]

SIGNALS = [
    handler("signal"),
    handler("sigaltstack", shown="Interrupt"),
    case("signal2", terminal=True, status=-2, normalise=((r"(Wait 2 sec\n)+", r"\1"),),
         steps=(shows("Wait 2 sec"), blocked, typed("\x03"))),
    case("signal3", terminal=True, status=-11, normalise=((r"(Wait 2 sec\n)+", r"\1"), (r"handler: \S+", "handler")),
         steps=(shows("Wait 2 sec"), blocked, gets(signal.SIGFPE), shows("Custom Signal Handler: "), blocked,
                gets(signal.SIGFPE), shows("Custom Signal Handler: ", 2), blocked, gets(signal.SIGSEGV)),
         expect=("Custom Signal Handler: Arithmetic exception",)),
    case("sigsuspend", terminal=True, steps=(
        shows("Wait for signal"), blocked, gets(signal.SIGINT), gets(signal.SIGHUP), shows("Wake 1"),
        shows("Wait for signal", 2), blocked, gets(signal.SIGHUP), shows("Wake 2"), shows("Wait for signal", 3), blocked,
        gets(signal.SIGHUP)), expect=("Custom Signal Handler: Hangup", "Custom Signal Handler: Interrupt", "Wake 3")),
    case("futex_stop", terminal=True, steps=(shows("PID"), blocked, typed("\x03")),
         expect=("Custom Signal Handler: 2", "Finished end!")),
    case("loop/counted", "25000000", expect=("Ct 10m\n" * 3,)),
    case("loop/endless", "2000000000", terminal=True, status=-15,
         steps=(shows("Ct 10m"), typed("\x03"), shows("Handler: Interrupt"), gets(signal.SIGTERM)),
         normalise=((r"(Ct 10m\n)+", ""),), expect=("Custom Signal Handler: Interrupt",)),
    case("infinite_loop/terminal", terminal=True, status=-2, steps=(busy, typed("\x03"))),
    case("infinite_loop/signal", status=-15, steps=(busy, gets(signal.SIGTERM))),
    case("sleep_kill", status=-15, steps=(shows("PID"), blocked, gets(signal.SIGTERM))),
    case("strsignal/terminal", terminal=True, status=-39, expect=("Signal 39: ",)),
    case("alarm_signal", terminal=True, status=-14, normalise=((r"i: \d+\n", ""),),
         expect=("Alarm signal handler: 14", "Termininating in 3 seconds")),
    case("alarm", unsorted=True, expect=("Parent ct: 5",)),
    case("sigprocmask", unsorted=True, expect=("Parent ct: 5",)),
    case("raise", expect=("interrupt\nDone",)),
    case("kill", contained=True),
]


def opening(match):
    """Two processes write the pieces of their first lines at once."""
    return "".join(sorted(re.sub(r"\d", "", match[0])))


# The first thread ends the process while the other may still be counting: how far it comes is chance.
THREAD_LINES = ((r"-------[^\n]*Hello Thread[^\n]*\n", ""),)

PROCESSES = [
    case("fork", unsorted=True, expect=("One proc", "Other proc")),
    case("rawfork", timeout=240),
    case("indirect_wali_fork", unsorted=True),
    case("execve", unsorted=True, expect=("Shouldn't return", "Child PID")),
    case("pipe", normalise=((r"(?s)\A.*?(?=test pipe)", opening),), expect=("test pipe: DEADBEEF", "test pipe: DENDBEEF")),
    case("simple_thread", unsorted=True, expect=("Val is 42 -- 2\n" * 10,)),
    case("safe_thread", unsorted=True, normalise=((r"end: -?\d+", "end"),), expect=("Child end", "Parent end")),
    case("thread", normalise=(*SELVES, *THREAD_LINES), expect=("Hello Parent | Self, TL: 3, K: 9",)),
    case("access_thread/both", "compile-wali.sh", "absent", **READS_SCRIPT, normalise=(
        *SELVES, *THREAD_LINES, (r"No access rights[^\n]*\n", "")), expect=("Hello Parent | Self, K: 9", "OK access")),
    case("socket_server/with-client", steps=(blocked, beside("socket_client")), expect=(
        "Accept fd:    4", "Buffer from CLIENT:    Hello from client", "CLIENT Buffer:    Hello from server")),
    case("socket_client/alone", status=255, expect=("Connection Failed",)),
]

VALUES = [
    case("clock_gettime", normalise=SECONDS, expect=("Sec", "Nsec")),
    case("clock_nanosleep"),
    case("nanosleep", status=1, expect=("Timespec size:    16",)),
    case("fn_ptr", normalise=((r"VD: \S+", "VD"),), expect=("Res: 21", "Res2: -5")),
    case("msghdr", normalise=((r"size: (56|36|28)$", "size"),), expect=("msghdr size",)),
    case("struct_layouts", normalise=POINTER_SIZES, expect=("struct timespec (size=16)",)),
    case("malloc", expect=("Dot product: ",)),
]

CASES = [*FILES, *INPUT, *SIGNALS, *PROCESSES, *VALUES]
