# SPDX-License-Identifier: Apache-2.0
"""The options every conformance verb has, spelled once.

Exit statuses of a verb: 0 all passed, 1 something failed, 2 it could not run at all.
"""

import argparse
import fnmatch
import os
import pathlib
import shlex
import shutil
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
BUILDS = ("build/release", "build")  # where tools/test and tools/demo build, and where a hand-made build may be


def die(message):
    print(f"conformance: {message}", file=sys.stderr)
    sys.exit(2)


def parser(verb, description):
    """An argument parser with the shared options; a verb may add its own."""
    result = argparse.ArgumentParser(prog=f"tools/conformance {verb}", description=description)
    result.add_argument("dir", metavar="DIR", type=pathlib.Path)
    result.add_argument("--engine", metavar="CMD", help="engine command, options included (default: the release build)")
    result.add_argument("-f", "--filter", metavar="NAME", action="append", default=[],
                        help="run only names that contain NAME or match it as a pattern (repeatable)")
    result.add_argument("--junit", metavar="FILE", type=pathlib.Path, help="also write the results as JUnit XML")
    result.add_argument("-v", "--verbose", action="store_true", help="list every name, show whole differences")
    result.add_argument("--jobs", metavar="N", type=int, default=os.cpu_count() or 1, help="how many run at a time")
    return result


def folder(options):
    """The absolute DIR, checked."""
    path = options.dir.resolve()
    if not path.is_dir():
        die(f"{options.dir}: not a directory")
    return path


def built(program):
    """The path of a program of the release build, given relative to the build folder."""
    for build in BUILDS:
        path = REPOSITORY / build / program
        if os.access(path, os.X_OK) and path.is_file():
            return path
    return die(f"{program} is not built: run `tools/demo`, or `python3 tools/lib/build.py release`")


def engine(options):
    """The engine's command as a list of words, the first an absolute path."""
    if options.engine is None:
        return [str(built("tools/wali-run"))]
    words = shlex.split(options.engine)
    program = shutil.which(words[0]) if words else None
    if program is None:
        die(f"--engine {options.engine}: no such program")
    return [os.path.abspath(program), *words[1:]]


def selected(name, options):
    """Whether -f lets this name through."""
    return not options.filter or any(f in name or fnmatch.fnmatch(name, f) for f in options.filter)
