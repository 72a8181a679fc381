#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a test program natively and under wali-run, in fresh folders, and compares what it prints and how it ends.

usage: compare.py [--namespaces] [--small-address-space | --traced] WALI_RUN PROGRAM [ARGUMENT…]

PROGRAM.native and PROGRAM.wasm are the two builds. With a file PROGRAM.txt beside this script's guest/ folder there is
no native twin: the program attacks the runtime, and the file holds what a contained attack prints.

--namespaces: in namespaces of users, mounts and names, as their root; skipped where there are none to be had.
--traced: under --strace, which must change nothing; the trace itself is looked at as well.
"""
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile

ENVIRONMENT = {"PLAIN": "value", "EMPTY": "", "SPACED": "two words", "EQUALS": "a=b=c", "PATH": os.environ["PATH"],
               "UBSAN_OPTIONS": "print_stacktrace=1"}
SECONDS = 60
NAMESPACES = ["unshare", "--user", "--map-root-user", "--mount", "--uts", "--pid", "--fork"]
SMALL = 4 << 30  # less than the reservation around a memory


def run(command, small=False):
    """(status, output, error output) in a new empty folder."""
    def limit():
        if small:
            resource.setrlimit(resource.RLIMIT_AS, (SMALL, SMALL))

    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        # Signals, masks and descriptors as a shell would hand them on; stdin is empty.
        try:
            done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, stdin=subprocess.DEVNULL, timeout=SECONDS,
                                  preexec_fn=limit, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        except subprocess.TimeoutExpired:
            return "does not end", "", ""
        return done.returncode, done.stdout.decode(errors="backslashreplace"), \
            done.stderr.decode(errors="backslashreplace")


def differences(expected, actual):
    """The first lines that differ."""
    left, right = expected.splitlines(), actual.splitlines()
    for i in range(max(len(left), len(right))):
        a = left[i] if i < len(left) else "(end)"
        b = right[i] if i < len(right) else "(end)"
        if a != b:
            yield f"line {i + 1}: expected {a!r}, got {b!r}"


# These leave the trace no number below 1024: it ends there.
TAKES_EVERY_DESCRIPTOR = ("descriptors",)
# A line of a trace: a call and its result, the first or second half of one, a signal, an end.
RESULT = r" = (\?|-?\d+|0x[0-9a-f]+|-1 (E[A-Z0-9]+|errno \d+) ?\(?.*\)?)"
LINE = re.compile(r"(\[pid \d+\] )?(\w+\(.* <unfinished \.\.\.>|(\w+\(|<\.\.\. \w+ resumed>).*\)" + RESULT +
                  r"|--- SIG\w+ \{.*\} ---|\+\+\+ exited with \d+ \+\+\+)")


def flaws(trace):
    """What is wrong with a trace."""
    lines = trace.read_text(errors="backslashreplace").splitlines()
    yield from (f"trace: {line!r}" for line in lines if not LINE.fullmatch(line))
    if not any("exited with" in line for line in lines):
        yield "the trace has no end"


def main():
    words = sys.argv[1:]
    inside = NAMESPACES if words[0] == "--namespaces" else []
    if inside and subprocess.run([*inside, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        print("no namespaces to be had")
        sys.exit(77)
    words = words[bool(inside):]
    small = words[0] == "--small-address-space"
    traced = words[0] == "--traced"
    words = words[small or traced:]
    wali_run, program, arguments = os.path.abspath(words[0]), pathlib.Path(words[1]).resolve(), words[2:]
    text = pathlib.Path(__file__).resolve().parent / "guest" / (program.name + ".txt")
    folder = tempfile.TemporaryDirectory()
    trace = pathlib.Path(folder.name) / "trace"
    options = ["--strace", f"--strace-out={trace}", "--strace-summary"] if traced else []
    guest = run([*inside, wali_run, *options, f"{program}.wasm", *arguments], small)
    if text.exists():
        expected = (0, text.read_text(encoding="utf-8"), "")
    else:
        expected = run([*inside, f"{program}.native", *arguments])
    found = list(differences(expected[1], guest[1]))
    if expected[0] != guest[0]:
        found.append(f"status: expected {expected[0]}, got {guest[0]}")
    if not expected[1]:
        found.append("the program prints nothing: there is nothing to compare")
    if traced and program.name not in TAKES_EVERY_DESCRIPTOR:
        text, _, summary = trace.read_text(errors="backslashreplace").partition("% time")
        trace.write_text(text)
        found += list(flaws(trace)) + ([] if summary.endswith(" total\n") else ["the trace has no summary"])
    for line in found[:40]:
        print(line)
    if found and guest[2]:
        print(guest[2], end="")
    print(f"{program.name}: {len(expected[1].splitlines())} lines, {len(found)} differences")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
