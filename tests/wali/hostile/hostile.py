#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a program of attacks where it can do no harm, and judges what it prints.

usage: hostile.py [--weak] [--strict] [--traced] [--offline] [--small-address-space] WALI_RUN MODULE [ARGUMENT…]
       hostile.py [--small-address-space] --twin PROGRAM WALI_RUN MODULE [ARGUMENT…]
       hostile.py --stale [--weak] WALI_RUN MODULE

The program runs as a user without rights, in a user, process and mount namespace of its own, in an empty folder. None of
its attacks may get through; with --weak, for a WALI_RUN without its defences, all of them must. With --twin, PROGRAM is
the same built for this machine, and both have to print the same. --strict: wali-run gets the option --strict-calls. --traced: it traces
getpid. --offline: in a network namespace of its own, too. --stale: the program says itself whether it has found what it must not, or with --weak must.
"""
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
NOBODY = 61000 + os.getpid() % 4000  # nobody else's number, so that not even kill(-1) finds anyone
SECONDS = 400
SMALL = 4 << 30
NAMESPACES = ["unshare", "--user", "--map-root-user", "--mount", "--pid", "--mount-proc", "--ipc", "--uts", "--fork", "--kill-child"]
OFFLINE = ["unshare", "--net", "prlimit", "--fsize=1073741824"]  # and no file larger than this
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "PLAIN": "value", "OTHER": "another value",
               "UBSAN_OPTIONS": "print_stacktrace=1"}
# Builds that fill memory with this byte do so with variables and stacks; what is allocated is libc's.
PATTERN = 0xAA
FILLED = {"MALLOC_PERTURB_": str(PATTERN ^ 0xFF)}
HOST_TROUBLE = ("Sanitizer", "runtime error:", "Assertion", "terminate called", "cannot keep")


def without_rights(small):
    """In the child: a session of its own, and nobody's rights."""
    def prepare():
        os.setsid()
        if os.getuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if small:
            resource.setrlimit(resource.RLIMIT_AS, (SMALL, SMALL))
    return prepare


def run(command, folder, small=False):
    return subprocess.run([*NAMESPACES, *command], cwd=folder, env=ENVIRONMENT, preexec_fn=without_rights(small),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          errors="backslashreplace", timeout=SECONDS, check=False)


def trapped(errors):
    """The attacks that the runtime has ended by a trap: it says so, after their name."""
    parts = re.split(r"^attack: (.*)\n", errors, flags=re.MULTILINE)
    return {name for name, said in zip(parts[1::2], parts[2::2]) if ": trap: " in said}


def judge(text, traps, weak):
    """(attacks, those that do not end as they must)"""
    attacks, wrong, not_here = 0, [], 0
    for line in text.splitlines():
        name, _, verdict = line.rpartition(": ")
        if not name:
            continue
        attacks += 1
        if verdict == "signal" and name in traps:
            verdict = "contained"
        if verdict == "not here":
            not_here += 1
        elif (verdict == "contained") == weak:
            wrong.append(line)
    if attacks - not_here < 6:
        wrong.append(f"{attacks} attacks, {not_here} of them cannot be tried here: not enough to prove anything")
    return attacks, wrong


def in_folder(command, small=False):
    """What the command does in an empty folder of the user's; it gets copies of its files, for the build folder may be
    out of that user's reach. None: there is no such user here."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        work = pathlib.Path(folder) / "work"
        work.mkdir()
        if os.getuid() == 0:
            os.chown(work, NOBODY, NOBODY)
        command = [shutil.copy(word, folder) if os.path.isfile(word) else word for word in command]
        return run(command, work, small) if run(["true"], work).returncode == 0 else None


def compare(native, guest):
    """The lines that differ."""
    left, right = native.stdout.splitlines(), guest.stdout.splitlines()
    wrong = [f"native {a!r}\nguest  {b!r}" for a, b in zip(left, right) if a != b]
    if len(left) != len(right) or not left:
        wrong.append(f"{len(left)} lines natively, {len(right)} as a guest")
    return wrong


def main():
    words = sys.argv[1:]
    twin = words.pop(words.index("--twin") + 1) if "--twin" in words else None
    options = ["--strict-calls"] if "--strict" in words else []
    options += ["--strace=getpid", "--strace-out=/dev/null"] if "--traced" in words else []
    offline = OFFLINE if "--offline" in words else []
    weak, small = "--weak" in words, "--small-address-space" in words
    stale = "--stale" in words
    words = [w for w in words if w not in ("--twin", "--strict", "--traced", "--offline", "--weak", "--stale", "--small-address-space")]
    if stale:
        ENVIRONMENT.update(FILLED)
    command = [*offline, words[0], *options, *words[1:]]
    done = in_folder(command, small)
    if done is None:
        print("skipped: no user namespace without rights can be had here")
        sys.exit(SKIPPED)
    if twin:
        wrong = compare(in_folder([twin, *words[2:]]), done)
        count = f"{len(done.stdout.splitlines())} lines"
    elif stale:
        found = done.stdout.endswith("stale bytes\n")
        wrong = done.stdout.splitlines() if found != weak else []
        count = (done.stdout.splitlines() or ["nothing"])[-1]
    else:
        attacks, wrong = judge(done.stdout, trapped(done.stderr), weak)
        count = f"{attacks} attacks"
    if done.returncode != (1 if stale and weak else 0):
        wrong.append(f"the program ends with status {done.returncode}")
    if not weak:
        wrong += [line for line in done.stderr.splitlines() if any(word in line for word in HOST_TROUBLE)]
        wrong += [line for line in done.stdout.splitlines() if re.search(r"found = 0$", line)]
    for line in wrong:
        print(line)
    if wrong:
        print(done.stderr[-4000:], end="")
    what = "different" if twin else "in vain" if weak else "not contained"
    print(f"{pathlib.Path(words[1]).stem}: {count}, {len(wrong)} {what}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
