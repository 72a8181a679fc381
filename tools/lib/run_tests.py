# SPDX-License-Identifier: Apache-2.0
"""Builds the configurations below with meson and runs their tests: the body of tools/test.

Every test that meson knows counts once per configuration it runs in; so does every build. A test that says
"skipped" (exit status 77) is counted as skipped, never as passed.
"""
import argparse
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
    not_suites: tuple = ()   # suites left out here; "*" = build only
    env: tuple = ()
    slower: int = 1          # factor on test time limits


SANITIZED = ("-Dbuildtype=debugoptimized", "-Doptimization=1", "-Db_lundef=false",
             "-Dcpp_args=-fno-sanitize-recover=all -gline-tables-only")
CONFIGS = {c.name: c for c in (
    Config("release", "clang-22, tail-call dispatch: what is shipped", "clang++-22"),
    Config("gcc", "g++ 12, loop dispatch", "g++", not_suites=("house",)),
    # Suite address-limit: tests that run with a small RLIMIT_AS, which AddressSanitizer's shadow does not fit in.
    Config("asan", "clang-22, tail-call dispatch, AddressSanitizer and UndefinedBehaviorSanitizer", "clang++-22",
           SANITIZED + ("-Db_sanitize=address,undefined",), not_suites=("house", "address-limit"),
           env=(("UBSAN_OPTIONS", "print_stacktrace=1"),), slower=6),
    Config("clang-19", "clang-19: must build", "clang++-19", not_suites=("*",)),
    Config("tsan", "clang-22, ThreadSanitizer", "clang++-22", SANITIZED + ("-Db_sanitize=thread",),
           not_suites=("house", "address-limit"), slower=10),
)}
ALWAYS = ("release", "gcc", "asan", "clang-19")


class Totals:
    def __init__(self):
        self.passed, self.failed, self.skipped = [], [], []

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def line(self):
        text = f"{len(self.passed)} passed, {len(self.failed)} failed"
        return text + (f", {len(self.skipped)} skipped" if self.skipped else "")


def say(text=""):
    print(text, flush=True)


def clock(seconds):
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


class Runner:
    def __init__(self, args):
        self.args = args
        self.jobs = args.jobs or os.cpu_count() or 1

    def environment(self, config):
        env = dict(os.environ)
        for name, value in config.env:
            env.setdefault(name, value)
        env["CXX"] = ("ccache " if shutil.which("ccache") else "") + config.compiler
        return env

    def configure(self, config, build):
        """Meson keeps options of an existing folder, so one that was made otherwise is made anew."""
        stamp = build / "configured-as"
        wanted = json.dumps([config.compiler, config.options, bool(shutil.which("ccache"))])
        if stamp.is_file() and stamp.read_text() == wanted and (build / "build.ninja").is_file():
            return True
        if build.exists():
            shutil.rmtree(build)
        build.parent.mkdir(exist_ok=True)
        done = subprocess.run(["meson", "setup", str(build), *config.options], cwd=ROOT, text=True,
                              env=self.environment(config), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode == 0:
            stamp.write_text(wanted)
        if done.returncode != 0 or self.args.verbose:
            say(done.stdout)
        return done.returncode == 0

    def compile(self, config, build):
        """ninja, with a progress line every ten seconds and everything that is not progress."""
        ninja = subprocess.Popen(["ninja", "-C", str(build), f"-j{self.jobs}"], env=self.environment(config),
                                 text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        shown = time.monotonic()
        for line in ninja.stdout:
            step = re.match(r"\[(\d+)/(\d+)\]", line)
            if step is None or self.args.verbose:
                if not line.startswith(("ninja: Entering", "ninja: no work")):
                    print(line, end="", flush=True)
            elif time.monotonic() - shown > 10:
                shown = time.monotonic()
                say(f"  built {step[1]} of {step[2]}")
        return ninja.wait() == 0

    def tests_of(self, config, build):
        """Names of the tests to run, and of those that this configuration leaves out by suite (house excepted:
        those look at the sources, once is enough)."""
        listed = json.loads(subprocess.run(["meson", "introspect", "--tests", str(build)], check=True, text=True,
                                           stdout=subprocess.PIPE).stdout)
        run, left_out = [], []
        for test in listed:
            suites = {s.partition(":")[2] or s for s in test["suite"]}
            if self.args.suite and not suites & set(self.args.suite):
                continue
            if suites & set(config.not_suites):
                if "house" not in suites:
                    left_out.append(f"{test['name']} (suite {', '.join(sorted(suites & set(config.not_suites)))})")
            else:
                run.append(test["name"])
        return run, left_out

    def run_tests(self, config, build, totals):
        names, left_out = self.tests_of(config, build)
        totals.skipped += [f"{config.name}: {name}" for name in left_out]
        if not names:
            return
        suites = [f"--suite={s}" for s in self.args.suite]
        suites += [f"--no-suite={s}" for s in config.not_suites]
        subprocess.run(["meson", "test", "-C", str(build), "--no-rebuild", "--print-errorlogs", "-t", str(config.slower),
                        f"--num-processes={self.jobs}", *suites, *(["-v"] if self.args.verbose else [])],
                       env=self.environment(config), check=False)
        self.read_log(config, build, set(names), totals)

    def read_log(self, config, build, names, totals):
        log = build / "meson-logs" / "testlog.json"
        for line in log.read_text().splitlines() if log.is_file() else ():
            test = json.loads(line)
            title = test["name"].rpartition(" / ")[2]
            names.discard(title)
            name = f"{config.name}: {title}"
            if test["result"] in ("OK", "EXPECTEDFAIL"):
                totals.passed.append(name)
            elif test["result"] == "SKIP":
                said = (test.get("stdout") or "").strip().splitlines()
                totals.skipped.append(name + (f" ({said[-1]})" if said else ""))
            else:
                totals.failed.append(f"{name} ({test['result'].lower()})")
        totals.failed += [f"{config.name}: {name} (did not run)" for name in sorted(names)]

    def run(self, config):
        totals = Totals()
        say(f"== {config.name}: {config.what}")
        build = ROOT / "build" / config.name
        start = time.monotonic()
        built = self.configure(config, build) and self.compile(config, build)
        build_time = time.monotonic() - start
        (totals.passed if built else totals.failed).append(f"{config.name}: build")
        start = time.monotonic()
        if built and config.not_suites != ("*",):
            (build / "meson-logs" / "testlog.json").unlink(missing_ok=True)
            self.run_tests(config, build, totals)
        say(f"== {config.name}: {totals.line()} (build {clock(build_time)}, tests {clock(time.monotonic() - start)})")
        return totals


def tidy(jobs):
    """clang-tidy over everything the release configuration compiles. Minutes; not part of the tests."""
    build = ROOT / "build" / "release"
    return subprocess.run(["run-clang-tidy-22", "-quiet", f"-j{jobs}", "-p", str(build),
                           f"^{ROOT}/(runtime|wali|shims|tools)/"], cwd=ROOT, check=False).returncode == 0


def parse_args():
    parser = argparse.ArgumentParser(prog="tools/test", description="Build every configuration and run all tests.",
                                     epilog="; ".join(f"{c.name}: {c.what}" for c in CONFIGS.values()))
    parser.add_argument("--quick", action="store_true", help="only the release configuration")
    parser.add_argument("--config", action="append", choices=list(CONFIGS), help="only this configuration (repeatable)")
    parser.add_argument("--tsan", action="store_true", help="also with ThreadSanitizer")
    parser.add_argument("--suite", action="append", default=[], help="only the tests of this suite (repeatable)")
    parser.add_argument("--tidy", action="store_true", help="also clang-tidy (minutes)")
    parser.add_argument("-v", "--verbose", action="store_true", help="show every build step and all test output")
    parser.add_argument("-j", "--jobs", type=int, help="parallel jobs (default: one per processor)")
    return parser.parse_args()


def main():
    args = parse_args()
    names = args.config or (["release"] if args.quick else list(ALWAYS))
    if args.tsan and "tsan" not in names:
        names.append("tsan")
    runner = Runner(args)
    totals = Totals()
    start = time.monotonic()
    if not os.environ.get("WASM_TESTSUITE"):
        say("WASM_TESTSUITE is not set: the specification's suite is skipped "
            "(set it to a checkout of github.com/WebAssembly/testsuite)")
    for name in names:
        totals.add(runner.run(CONFIGS[name]))
    if args.tidy:
        (totals.passed if tidy(runner.jobs) else totals.failed).append("clang-tidy")
    for title, items in (("skipped", totals.skipped), ("failed", totals.failed)):
        for item in items:
            say(f"{title}: {item}")
    say(f"{len(names)} configurations in {clock(time.monotonic() - start)}")
    say(totals.line())
    return 1 if totals.failed or not totals.passed else 0


if __name__ == "__main__":
    sys.exit(main())
