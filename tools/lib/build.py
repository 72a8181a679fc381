# SPDX-License-Identifier: Apache-2.0
"""The build configurations, and how one is set up and built: build/NAME, with meson and ninja.

Used by tools/test for all of them and, as a command, by tools/demo: build.py CONFIG [TARGET…]
"""
import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


@dataclasses.dataclass(frozen=True)
class Config:
    name: str
    what: str
    compiler: str
    options: tuple = ()
    not_suites: tuple = ()   # test suites left out here; "*" = build only
    suites: tuple = ()       # only these test suites
    targets: tuple = ()      # what is built; nothing = everything
    env: tuple = ()
    slower: int = 1          # factor on test time limits

    @property
    def folder(self):
        return ROOT / "build" / self.name

    def environment(self):
        env = dict(os.environ)
        for name, value in self.env:
            env.setdefault(name, value)
        env["CXX"] = ("ccache " if shutil.which("ccache") else "") + self.compiler
        if self.options[:1] == ("--cross-file",):
            # Meson takes CXX for the compiler of this machine, and the other from the file: by name, so found here.
            del env["CXX"]
            env["PATH"] = "/usr/lib/ccache:" + env["PATH"]
        return env


def cross(machine, *options):
    return ("--cross-file", f"tools/cross/{machine}.ini", *options)


SANITIZED = ("-Dbuildtype=debugoptimized", "-Doptimization=1", "-Db_lundef=false",
             "-Dcpp_args=-fno-sanitize-recover=all -gline-tables-only")
CONFIGS = {c.name: c for c in (
    Config("release", "clang-22, tail-call dispatch: what is shipped", "clang++-22"),
    Config("gcc", "g++ 12, loop dispatch", "g++", not_suites=("house", "sdk-commands", "sdk-rust", "report")),
    # Suite address-limit: tests that run with a small RLIMIT_AS, which AddressSanitizer's shadow does not fit in.
    Config("asan", "clang-22, tail-call dispatch, AddressSanitizer and UndefinedBehaviorSanitizer", "clang++-22",
           SANITIZED + ("-Db_sanitize=address,undefined",),
           not_suites=("house", "sdk-commands", "sdk-rust", "report", "address-limit"),
           env=(("UBSAN_OPTIONS", "print_stacktrace=1"),), slower=6),
    Config("clang-19", "clang-19: must build", "clang++-19", not_suites=("*",)),
    Config("aarch64", "clang-22 for 64-bit Arm, tail-call dispatch; under qemu", "clang++-22",
           cross("aarch64", "-Dpins=1"), suites=("cross",), targets=("cross",), slower=3),
    Config("riscv64", "clang-22 for 64-bit RISC-V, loop dispatch; under qemu", "clang++-22",
           cross("riscv64", "-Doptimization=1"), suites=("cross",), targets=("cross",), slower=3),
    # All pinned registers: what is counted is what is shipped.
    Config("stats", "clang-22, loop dispatch, counts executed instructions", "clang++-22",
           ("-Ddispatch_stats=true", "-Ddispatch=loop", "-Dpins=3", "-Doptimization=1"), suites=("counts",),
           targets=("tools/wali-run",), slower=3),
    # A guest looks for what was the runtime's. No more is optimised than that takes.
    Config("poison", "clang-22, loop dispatch, memory filled with a pattern before it is used", "clang++-22",
           ("-Dpoison=true", "-Ddispatch=loop", "-Dpins=0", "-Doptimization=1"), suites=("stale",),
           targets=("stale",), slower=3),
    Config("tsan", "clang-22, ThreadSanitizer", "clang++-22", SANITIZED + ("-Db_sanitize=thread",),
           not_suites=("house", "sdk-commands", "sdk-rust", "report", "address-limit"), slower=10),
)}
# What meson looks for: a folder that was set up before one of these was installed is set up anew.
PROBED = ("ccache", "node", "npm", "wasm-ld-22", "clang-22")


def say(text=""):
    print(text, flush=True)


def configure(config, verbose=False):
    """Meson keeps the options of an existing folder, so one that was set up otherwise is made anew."""
    stamp = config.folder / "configured-as"
    wanted = json.dumps([config.compiler, config.options, [bool(shutil.which(tool)) for tool in PROBED]])
    if stamp.is_file() and stamp.read_text() == wanted and (config.folder / "build.ninja").is_file():
        return True
    if config.folder.exists():
        shutil.rmtree(config.folder)
    config.folder.parent.mkdir(exist_ok=True)
    done = subprocess.run(["meson", "setup", str(config.folder), *config.options], cwd=ROOT, text=True, check=False,
                          env=config.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode == 0:
        stamp.write_text(wanted)
    if done.returncode != 0 or verbose:
        say(done.stdout)
    return done.returncode == 0


def build(config, jobs, targets=(), verbose=False):
    """ninja, with a progress line every ten seconds and everything else that it or the compiler says."""
    if not configure(config, verbose):
        return False
    ninja = subprocess.Popen(["ninja", "-C", str(config.folder), f"-j{jobs}", *(targets or config.targets)], env=config.environment(),
                             text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    shown = time.monotonic()
    for line in ninja.stdout:
        step = re.match(r"\[(\d+)/(\d+)\]", line)
        if step is None or verbose:
            if not line.startswith(("ninja: Entering", "ninja: no work")):
                print(line, end="", flush=True)
        elif time.monotonic() - shown > 10:
            shown = time.monotonic()
            say(f"  built {step[1]} of {step[2]}")
    return ninja.wait() == 0


if __name__ == "__main__":
    sys.exit(0 if build(CONFIGS[sys.argv[1]], os.cpu_count() or 1, sys.argv[2:]) else 1)
