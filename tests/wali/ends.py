#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whatever a program is busy with (guest/busy.c), it can be ended: by SIGTERM, as natively, by SIGKILL, by --timeout.

usage: ends.py WALI_RUN PROGRAM

Each runs in a session of its own, as a group: what it has forked ends with it. Nothing may be left over.
"""
import concurrent.futures
import os
import pathlib
import select
import signal
import subprocess
import sys
import time

SECONDS = 100  # for one program, on however busy a machine
KINDS = ["spin", "read", "futex", "atomic", "handler", "calls", "bulk", "faults", "jumps", "signals", "blocked", "tree",
         "forks", "threads", "leaderless"]
TIMEOUT = 125  # status of wali-run


def members(session):
    """What runs in a session."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit():
                state, _, _, its = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
                found += [int(entry.name)] if int(its) == session and state not in "ZX" else []
        except OSError:
            pass
    return found


def has_pending(pid, number):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("ShdPnd:"):
            return int(line.split()[1], 16) >> (number - 1) & 1 == 1
    return False


def end(command, signals):
    """How it ends: by these signals to its group, once it is ready, or by itself."""
    deadline = time.monotonic() + SECONDS
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          start_new_session=True) as program:
        try:
            ready, _, _ = select.select([program.stdout] if signals else [], [], [], SECONDS if signals else 0)
            if signals and (not ready or os.read(program.stdout.fileno(), 6) != b"ready\n"):
                return "is not ready"
            for number in signals:
                os.killpg(program.pid, number)
                if number is not signals[-1]:  # this one is blocked
                    while not has_pending(program.pid, number):
                        time.sleep(0.01)
            try:
                status = program.wait(deadline - time.monotonic())
            except subprocess.TimeoutExpired:
                return "does not end"
            while members(program.pid):
                if time.monotonic() > deadline:
                    return "leaves processes behind"
                time.sleep(0.01)
            return status
        finally:
            for pid in members(program.pid):
                os.kill(pid, signal.SIGKILL)


def check(wali_run, program, kind):
    """(whether it is as it must be, a line that says how it is)"""
    signals = [signal.SIGTERM, signal.SIGKILL] if kind == "blocked" else [signal.SIGTERM]
    natively = end([f"{program}.native", kind], signals)
    told = end([wali_run, f"{program}.wasm", kind], signals)
    killed = end([wali_run, f"{program}.wasm", kind], [signal.SIGKILL])
    late = end([wali_run, "--timeout=0.5", f"{program}.wasm", kind], [])
    right = natively == told == -signals[-1] and killed == -signal.SIGKILL and late == TIMEOUT
    return right, f"{kind}: natively {natively}, told {told}, killed {killed}, --timeout {late}"


def main():
    wali_run, program = (os.path.abspath(word) for word in sys.argv[1:])
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda kind: check(wali_run, program, kind), KINDS))
    for right, line in results:
        print(line if right else f"WRONG {line}")
    return 0 if all(right for right, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main())
