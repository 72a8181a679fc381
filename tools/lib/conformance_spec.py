# SPDX-License-Identifier: Apache-2.0
"""the official WebAssembly test suite in DIR, through the public API

Runs the release build's spec_runner twice: with guard pages and with explicit bounds checks.
"""

import argparse
import pathlib
import subprocess
import sys

from harness import cli

MODES = {"guard pages": [], "explicit bounds checks": ["--explicit-bounds"]}
RUN = cli.REPOSITORY / "tests" / "spec" / "run.py"


def main():
    parser = argparse.ArgumentParser(prog="tools/conformance spec", description=__doc__.splitlines()[0])
    parser.add_argument("dir", metavar="DIR", type=pathlib.Path)
    parser.add_argument("-f", "--filter", metavar="NAME", action="append", default=[],
                        help="run only scripts whose path contains NAME or matches it as a pattern (repeatable)")
    parser.add_argument("-v", "--verbose", action="store_true", help="list every script")
    options = parser.parse_args()
    suite = cli.folder(options)
    folder = cli.built("tests/spec/spec_runner").parent
    status = 0
    for name, mode in MODES.items():
        print(f"== {name}", flush=True)
        command = [sys.executable, str(RUN), "--runner", str(folder / "spec_runner"), "--scripts",
                   str(folder / "scripts"), "--suite", str(suite), *mode]
        if not options.verbose:
            command.append("--quiet")
        command += [f"--only={pattern}" for pattern in options.filter]
        status = max(status, subprocess.run(command, check=False).returncode)
    return status


if __name__ == "__main__":
    sys.exit(main())
