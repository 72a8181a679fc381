# SPDX-License-Identifier: Apache-2.0
"""Builds and installs the SDK: the C and C++ libraries and the commands that compile programs for WALI.

What is built is kept in ~/.cache/wali-sdk ($XDG_CACHE_HOME): doing it again costs nothing.

The body of tools/sdk/install, which has installed the packages.
"""
import argparse
import os
import pathlib

import cxx
import install as steps
import libc
import plugin
import selftest
from base import ROOT, cache_locked, say


def main():
    parser = argparse.ArgumentParser(prog="tools/sdk/install", description=__doc__.splitlines()[0],
                                     epilog=__doc__.splitlines()[2])
    parser.add_argument("prefix", nargs="?", type=pathlib.Path, default=ROOT / "build/sdk",
                        help="folder to install to (default: build/sdk)")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count() or 1, help="parallel compilations")
    args = parser.parse_args()
    prefix = args.prefix.absolute()
    steps.check_writable(prefix)
    steps.check_tools()
    with cache_locked():
        c_library = libc.libc(args.jobs)
        steps.install(prefix, c_library, cxx.libcxx(c_library, args.jobs))
        plugin.install(prefix, plugin.plugin())
        selftest.check(prefix)  # before another installation replaces what is tried
    say(f"installed in {prefix}; its commands are {prefix}/bin/wali-cc, wali-c++, …")


if __name__ == "__main__":
    main()
