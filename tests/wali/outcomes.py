#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the native twins of the test programs and counts: every supported call must be seen to succeed and to fail.

usage: outcomes.py SYSCALLS.md FOLDER PROGRAM…

What the twins do the guests do too: compare.py sees to that. A call that is not allowed on this machine is named and
does not count as missing.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from compare import ENVIRONMENT, NAMESPACES, SECONDS

# Nothing here that the others do not do, and they take long.
LEFT_OUT = ("signal_storm", "storm")
# Those without arguments have nothing to be wrong with; of the others, these take whatever they get.
NEVER_FAIL = {"umask", "alarm", "set_tid_address", "setfsuid", "setfsgid", "personality"}
NEVER_RETURN = {"exit", "exit_group", "rt_sigreturn", "execve", "execveat"}
NEVER_SUCCEED = {"pause", "rt_sigsuspend", "io_cancel"}
# Natively they answer otherwise, or older kernels do; tested by what a guest is to see.
WITHOUT_TWIN = {"brk", "vfork", "mseal"}
CHANGE_THE_MACHINE = {"settimeofday", "clock_settime", "acct"}
NO_SUCCESS = NEVER_RETURN | NEVER_SUCCEED | WITHOUT_TWIN | CHANGE_THE_MACHINE
NO_FAILURE = NEVER_FAIL | (NEVER_RETURN - {"execve", "execveat"}) | WITHOUT_TWIN


def rows(page):
    """(number on x86-64, name, whether it has arguments) of each supported call."""
    for line in page.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) > 8 and re.fullmatch(r"\d+", cells[1]) and cells[6] != "absent":
            yield int(cells[1]), cells[4].strip("`"), not cells[7].startswith("`()")


def tally_of(program, inside):
    with tempfile.TemporaryDirectory() as folder, tempfile.NamedTemporaryFile() as file:
        file.truncate(4096)
        os.chmod(folder, 0o755)
        subprocess.run([*inside, program], cwd=folder, env=ENVIRONMENT | {"WALI_TALLY": file.name}, timeout=SECONDS,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        return file.read()


def main():
    page, folder, programs = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve(), sys.argv[3:]
    seen = bytearray(4096)
    for program in programs:
        if program not in LEFT_OUT:
            tally = tally_of(folder / f"{program}.native", NAMESPACES if program == "namespaces" else [])
            seen = bytearray(a | b for a, b in zip(seen, tally))
    missing, refused = [], []
    own = set()  # what only a machine of one's own lets one do
    if subprocess.run([*NAMESPACES, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        source = pathlib.Path(__file__).resolve().parent / "guest/namespaces.c"
        own = set(re.findall(r"sys_(\w+)\(", source.read_text(encoding="utf-8")))
    supported = list(rows(page))
    for number, name, has_arguments in supported:
        succeeded, failed, not_allowed = seen[number * 3:number * 3 + 3]
        if not succeeded and name not in NO_SUCCESS:
            (refused if not_allowed or name in own else missing).append(f"{name} succeeding")
        if not failed and has_arguments and name not in NO_FAILURE:
            (refused if name in own else missing).append(f"{name} failing")
    print(f"{len(supported)} calls; not allowed here: {', '.join(refused) or 'none'}; not tested: {', '.join(missing) or 'none'}")
    sys.exit(1 if missing or len(supported) < 250 else 0)


if __name__ == "__main__":
    main()
