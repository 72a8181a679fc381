# SPDX-License-Identifier: Apache-2.0
"""What the steps of tools/sdk/install share: where things are, how they talk, and the cache of what was built.

Results are kept in the cache under a key of all that went into them, and copied from there; so a second prefix, or an
installation after a change that does not matter to a step, takes seconds.
"""
import contextlib
import fcntl
import hashlib
import importlib.machinery
import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import time

SDK = pathlib.Path(__file__).resolve().parents[1]
ROOT = SDK.parents[1]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "wali-sdk"

LLVM = "22"
CLANG, CLANGXX, LINKER, AR = f"clang-{LLVM}", f"clang++-{LLVM}", f"wasm-ld-{LLVM}", f"llvm-ar-{LLVM}"

KEPT = 3  # of each result, the newest
START = time.monotonic()


def load_compiler():
    """bin/wali-cc as a module."""
    loader = importlib.machinery.SourceFileLoader("wali_cc", str(SDK / "bin/wali-cc"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("wali_cc", loader))
    loader.exec_module(module)
    return module


COMPILER = load_compiler()
TARGET, FEATURES, NO_BUILTINS, INT64 = COMPILER.TARGET, COMPILER.FEATURES, COMPILER.NO_BUILTINS, COMPILER.INT64


def say(text):
    seconds = int(time.monotonic() - START)
    print(f"[{seconds // 60}:{seconds % 60:02}] {text}", flush=True)


def die(text):
    print(f"sdk: {text}", file=sys.stderr)
    sys.exit(1)


def run(command, what, **kwargs):
    """Runs a command silently; shows the end of what it said if it fails."""
    done = subprocess.run([str(c) for c in command], text=True, errors="replace", stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, **kwargs)
    if done.returncode != 0:
        print("\n".join(done.stdout.splitlines()[-30:]), file=sys.stderr)
        die(f"{what} failed (above): {' '.join(str(c) for c in command[:4])} …")
    return done.stdout


def run_counting(command, total, what, is_step, cwd):
    """The same for a build that prints a line per step: says every few seconds how far it is."""
    tail, count, shown = [], 0, time.monotonic()
    with subprocess.Popen([str(c) for c in command], cwd=cwd, text=True, errors="replace", stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as process:
        for line in process.stdout:
            tail = (tail + [line])[-30:]
            count += is_step(line)
            if time.monotonic() - shown > 5:
                shown = time.monotonic()
                say(f"  {what}: {count} of {total}")
    if process.returncode != 0:
        print("".join(tail), file=sys.stderr)
        die(f"{what} failed (above)")


def digest(*parts):
    """A short key of texts and of the content of files and folders."""
    key = hashlib.sha256()
    for part in parts:
        if isinstance(part, pathlib.Path):
            for path in sorted(part.rglob("*")) if part.is_dir() else [part]:
                if path.is_file() and "__pycache__" not in path.parts:
                    key.update(str(path.relative_to(part.parent)).encode() + b"\0" + path.read_bytes() + b"\0")
        else:
            key.update(repr(part).encode() + b"\0")
    return key.hexdigest()[:16]


@contextlib.contextmanager
def cache_locked():
    """One installation at a time changes the cache."""
    try:
        CACHE.mkdir(parents=True, exist_ok=True)
        lock = open(CACHE / "lock", "w")
    except OSError as error:
        die(f"cannot write to the cache {CACHE}: {error.strerror} (XDG_CACHE_HOME names another place)")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another installation, which uses the same cache")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def cached(name, key, build):
    """The folder of a result: as it was built before, or by build(folder). Within cache_locked()."""
    folder = CACHE / "built" / f"{name}-{key}"
    if folder.is_dir():
        say(f"{name}: from the cache")
        return folder
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    begin = time.monotonic()
    build(partial)
    partial.rename(folder)
    say(f"{name}: built in {time.monotonic() - begin:.0f} s")
    earlier = sorted(folder.parent.glob(f"{name}-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in earlier[KEPT:]:
        shutil.rmtree(path)
    return folder


def compiler_version():
    return subprocess.run([CLANG, "--version"], text=True, stdout=subprocess.PIPE, check=True).stdout.splitlines()[0]
