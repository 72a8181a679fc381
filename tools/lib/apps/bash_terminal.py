#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sits at a terminal before an interactive `bash`, types, and prints what it has seen come: job control.

Each step waits for the text that must appear; what the job itself says tells that a key will reach it.
"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

SECONDS = 60
PROMPT = "P> "
INTERRUPT, SUSPEND = "\x03", "\x1a"
# It speaks outside of the trap: bash forgets a signal that comes while the trap for the one before still runs.
LOOP = "(trap n=1 CONT; echo o\"\"ff; while :; do [ $n ] && n= && echo on\"\"wards; done)\n"
# (what is typed, or a size of the window; what then appears, one after the other)
STEPS = [
    ("cat\n", ()), ("abc\n", ("abc\nabc\n",)), (SUSPEND, ("Stopped", PROMPT)), ("jobs\n", ("Stopped", "cat\n", PROMPT)),
    ("fg\n", ("cat\n",)), ("def\n", ("def\ndef\n",)), (INTERRUPT, (PROMPT,)), ("echo =$?\n", ("=130\n", PROMPT)),
    (LOOP, ("off\n",)), (SUSPEND, ("Stopped", PROMPT)), ("fg\n", ("onwards\n",)), (SUSPEND, ("Stopped", PROMPT)),
    ("bg\n", ("onwards\n",)), ("\n", (PROMPT,)), ("jobs\n", ("Running", PROMPT)), ("kill %1; wait; echo =$?\n", ("=", PROMPT)),
    (LOOP, ("off\n",)), (INTERRUPT, (PROMPT,)), ("echo =$?\n", ("=130\n", PROMPT)),
    ("(read x; echo got $x) & until jobs | grep -q Stopped; do :; done; echo =st\"\"opped\n", ("=stopped\n", PROMPT)),
    ("fg\n", ("echo got $x",)), ("ghi\n", ("got ghi\n", PROMPT)),
    ("stty tostop; (echo wri\"\"tten) & until jobs | grep -q Stopped; do :; done; stty -tostop; echo =st\"\"opped\n",
     ("=stopped\n", PROMPT)),
    ("fg\n", ("written\n", PROMPT)),
    ("cat | cat\n", ()), ("jkl\n", ("jkl\njkl\n",)), (SUSPEND, ("Stopped", PROMPT)), ("fg\n", ("cat | cat\n",)),
    ("pqr\n", ("pqr\npqr\n",)), (INTERRUPT, (PROMPT,)),
    ("trap 'echo si\"\"ze $(stty size)' WINCH; echo =\n", ("=\n", PROMPT)), ((33, 99), ()), ("\n", ("size 33 99\n", PROMPT)),
    ("echo o\"\"ff; while :; do :; done\n", ("off\n",)), (INTERRUPT, (PROMPT,)),
    ("bash -c 'echo in\"\"ner; exec cat'\n", ("inner\n",)), ("mno\n", ("mno\nmno\n",)), (INTERRUPT, (PROMPT,)),
    ("exit 3\n", ()),
]


class Terminal:
    def __init__(self, words):
        self.seen = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(PS1=PROMPT, TERM="dumb", HISTFILE="")
            os.execvp(words[0], words)

    def until(self, text):
        deadline = time.monotonic() + SECONDS
        while text not in self.seen:
            ready, _, _ = select.select([self.fd], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                sys.exit(f"waited for {text!r}, but there is only {self.seen!r}")
            self.seen += os.read(self.fd, 4096).decode("utf-8", "backslashreplace").replace("\r\n", "\n")
        self.seen = self.seen.partition(text)[2]


def main():
    terminal = Terminal(["bash", "--norc", "--noprofile", "--noediting", "-i"])
    terminal.until(PROMPT)
    for act, texts in STEPS:
        if isinstance(act, str):
            os.write(terminal.fd, act.encode())
        else:
            fcntl.ioctl(terminal.fd, termios.TIOCSWINSZ, struct.pack("4H", *act, 0, 0))
        for text in texts:
            terminal.until(text)
        print(f"{act!r}: {texts}", flush=True)
    print("status", os.waitstatus_to_exitcode(os.waitpid(terminal.pid, 0)[1]))


if __name__ == "__main__":
    main()
