# SPDX-License-Identifier: Apache-2.0
"""Runs the official WebAssembly test suite: converts the .wast files once (gen/), then starts the runner on them.

The suite is not part of this repository: WASM_TESTSUITE names a checkout of github.com/WebAssembly/testsuite.
Without it, or without what the converter needs, the test is skipped (status 77) and the last line says why.
"""
import argparse
import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
GEN = HERE / "gen"
SKIPPED = 77


class Unavailable(Exception):
    """Why the suite cannot be run here."""


@contextlib.contextmanager
def locked(directory):
    """One process at a time; the tests of several modes and builds start together."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def suite_folder(named):
    if not named:
        raise Unavailable("WASM_TESTSUITE is not set")
    folder = pathlib.Path(named).resolve()
    if not any(folder.glob("*.wast")):
        sys.exit(f"run.py: {named}: no .wast files")
    return folder


def install_packages():
    """npm's packages, exactly as package-lock.json has them, below gen/."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise Unavailable(f"{tool} is not installed")
    stamp = GEN / "node_modules" / ".installed"
    wanted = hashlib.sha256((GEN / "package-lock.json").read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    if not os.access(GEN, os.W_OK):
        raise Unavailable(f"{GEN} is not writable, and the converter's npm packages are not installed there")
    done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=GEN, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        errors = [line for line in done.stdout.splitlines() if "npm ERR" in line or "npm error" in line]
        raise Unavailable("npm ci failed: " + (errors[0] if errors else f"status {done.returncode}"))
    stamp.write_text(wanted)


def convert(suite, scripts):
    scripts.mkdir(parents=True, exist_ok=True)
    with locked(GEN):
        install_packages()
    with locked(scripts):
        subprocess.run(["node", str(GEN / "convert.mjs"), str(suite), str(scripts)], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runner", required=True, type=pathlib.Path, help="the spec_runner program")
    parser.add_argument("--scripts", required=True, type=pathlib.Path, help="folder for the converted scripts")
    parser.add_argument("--suite", default=os.environ.get("WASM_TESTSUITE"), help="instead of WASM_TESTSUITE")
    args, runner_options = parser.parse_known_args()
    try:
        convert(suite_folder(args.suite), args.scripts)
    except Unavailable as reason:
        print(f"skipped: {reason}")
        return SKIPPED
    command = [str(args.runner.resolve()), f"--skips={HERE / 'skips.txt'}", *runner_options, str(args.scripts)]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
