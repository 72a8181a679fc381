#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles a program for this machine and with the SDK, runs both in fresh folders, and compares output and status.

usage: program.py WALI_RUN SOURCE [OPTION…]      the options are for both compilers
"""
import os
import pathlib
import sys
import tempfile

from sdk import require, run, tool

ENVIRONMENT = {"HOME": "/nowhere", "PATH": os.environ["PATH"], "TZ": "Europe/Berlin", "LC_ALL": "C.UTF-8"}


def compiled(compiler, source, output, options):
    done = run([*compiler, "-w", source, "-o", output, "-pthread", *options, "-lm"])
    if done.returncode != 0:
        print(f"{compiler[0]}: {done.stdout}{done.stderr}")
        sys.exit(1)
    if done.stderr:
        print(done.stderr, end="")


def outcome(command):
    with tempfile.TemporaryDirectory() as folder:
        return run(command, cwd=folder, env=ENVIRONMENT)


def differences(expected, actual):
    """Between two finished processes: output line by line, status. Errors may be worded differently, but may not be
    there on one side alone."""
    left, right = expected.stdout.splitlines(), actual.stdout.splitlines()
    found = [f"line {i + 1}: expected {a!r}, got {b!r}"
             for i, (a, b) in enumerate(zip(left + ["(end)"] * len(right), right + ["(end)"] * len(left))) if a != b]
    if expected.returncode != actual.returncode:
        found.append(f"status: expected {expected.returncode}, got {actual.returncode}")
    if bool(expected.stderr) != bool(actual.stderr):
        found.append(f"standard error: expected {expected.stderr!r}, got {actual.stderr!r}")
    if not left:
        found.append("the program prints nothing: there is nothing to compare")
    return found


def main():
    require()
    wali_run, source, options = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve(), sys.argv[3:]
    cxx = source.suffix == ".cc"
    with tempfile.TemporaryDirectory() as folder:
        native, guest = f"{folder}/native", f"{folder}/{source.stem}.wasm"
        compiled(["clang++-22" if cxx else "clang-22", "-O1"], source, native, options)
        compiled([tool("wali-c++" if cxx else "wali-cc"), "-O2"], source, guest, options)
        expected, actual = outcome([native]), outcome([wali_run, guest])
    found = differences(expected, actual)
    if found:
        print("\n".join(found[:40]))
        print(actual.stderr, end="")
    print(f"{source.name}: {expected.stdout.count(chr(10))} lines, {len(found)} differences")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
