# SPDX-License-Identifier: Apache-2.0
"""Builds the configurations of build.py and runs their tests: the body of tools/test.

Every test that meson knows counts once per configuration it runs in; so does every build. A test that says
"skipped" (exit status 77) is counted as skipped, never as passed.
"""
import argparse
import json
import os
import subprocess
import sys
import time

from build import CONFIGS, ROOT, build, say

ALWAYS = ("release", "gcc", "asan", "clang-19", "aarch64", "riscv64", "stats", "poison")
PATIENCE = 4  # time limits find what hangs; a busy machine must not look like that
ONCE = {"house", "sdk-commands", "sdk-rust", "report"}  # suites that one configuration is enough for


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


def clock(seconds):
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


class Runner:
    def __init__(self, args):
        self.args = args
        self.jobs = args.jobs or os.cpu_count() or 1
        self.reports = set()  # tests whose output is printed

    def tests_of(self, config):
        """Names of the tests to run, and of those that this configuration leaves out by suite (ONCE excepted:
        one configuration runs those)."""
        listed = json.loads(subprocess.run(["meson", "introspect", "--tests", str(config.folder)], check=True,
                                           text=True, stdout=subprocess.PIPE).stdout)
        run, left_out = [], []
        for test in listed:
            suites = {s.partition(":")[2] or s for s in test["suite"]}
            if "report" in suites:
                self.reports.add(test["name"])
            if config.suites and not suites & set(config.suites):
                continue
            if self.args.suite and not suites & set(self.args.suite):
                continue
            if suites & set(config.not_suites):
                if not suites & ONCE:
                    left_out.append(f"{test['name']} (suite {', '.join(sorted(suites & set(config.not_suites)))})")
            else:
                run.append(test["name"])
        return run, left_out

    def run_tests(self, config, totals):
        names, left_out = self.tests_of(config)
        totals.skipped += [f"{config.name}: {name}" for name in left_out]
        if not names:
            return
        log = config.folder / "meson-logs" / "testlog.json"
        log.unlink(missing_ok=True)
        suites = [f"--suite={s}" for s in config.suites or self.args.suite] + [f"--no-suite={s}" for s in config.not_suites]
        meson = subprocess.Popen(["meson", "test", "-C", str(config.folder), "--no-rebuild", "--print-errorlogs",
                                  "-t", str(PATIENCE * config.slower), f"--num-processes={self.jobs}", *suites,
                                  *(["-v"] if self.args.verbose else [])],
                                 env=config.environment(), text=True, errors="replace", stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT)
        summary = False  # meson's own: ours comes for all configurations at the end
        for line in meson.stdout:
            summary = summary or line.startswith(("Summary of Failures", "Ok: "))
            if line.strip() and not summary and not line.startswith("ninja: Entering"):
                print("  " + line, end="", flush=True)
        meson.wait()
        self.read_log(config, log, set(names), totals)

    def read_log(self, config, log, names, totals):
        for line in log.read_text().splitlines() if log.is_file() else ():
            test = json.loads(line)
            title = test["name"].rpartition(" / ")[2]
            names.discard(title)
            name = f"{config.name}: {title}"
            if title in self.reports:
                say(test.get("stdout", "").strip())
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
        start = time.monotonic()
        built = build(config, self.jobs, verbose=self.args.verbose)
        (totals.passed if built else totals.failed).append(f"{config.name}: build")
        after = time.monotonic()
        if built and config.not_suites != ("*",):
            self.run_tests(config, totals)
        say(f"== {config.name}: {totals.line()} "
            f"(build {clock(after - start)}, tests {clock(time.monotonic() - after)})")
        return totals


def install_sdk(totals, rust):
    """The SDK, for the suites that begin with "sdk"; from its cache if it was built before."""
    say("== sdk: compiler and libraries for WALI programs")
    for name in ("sdk", "sdk/rust") if rust else ("sdk",):
        done = subprocess.run([ROOT / "tools" / name / "install"], check=False).returncode == 0
        (totals.passed if done else totals.failed).append(f"{name}: installation")


def run_apps(args, totals):
    """Programs of others, built natively and with the SDK, and their test suites. Long."""
    command = [ROOT / "tools/sdk/apps", "--test", *(["--table"] if "all" in args.apps else []),
               *(name for name in args.apps if name != "all"), *(["--verbose"] if args.verbose else [])]
    built = build(CONFIGS["release"], args.jobs or os.cpu_count() or 1, ["tools/wali-run"])
    (totals.passed if built else totals.failed).append("release: tools/wali-run")
    if built:
        with subprocess.Popen(command, text=True, errors="replace", stdout=subprocess.PIPE) as apps:
            for line in apps.stdout:
                print(line, end="", flush=True)
                if line.startswith(("ok   ", "FAIL ")):
                    (totals.passed if line[0] == "o" else totals.failed).append(line[5:].strip())
        if apps.returncode != 0 and not totals.failed:
            totals.failed.append("tools/sdk/apps")


def tidy(jobs):
    """clang-tidy over everything the release configuration compiles. Minutes; not part of the tests."""
    return subprocess.run(["run-clang-tidy-22", "-quiet", f"-j{jobs}", "-p", str(CONFIGS["release"].folder),
                           f"^{ROOT}/(runtime|wali|shims|tools)/"], cwd=ROOT, check=False).returncode == 0


def parse_args():
    parser = argparse.ArgumentParser(prog="tools/test", description="Build every configuration and run all tests.",
                                     formatter_class=argparse.RawDescriptionHelpFormatter,
                                     epilog="configurations:\n" + "\n".join(
                                         f"  {c.name:10} {c.what}{'' if c.name in ALWAYS else ' (on request)'}"
                                         for c in CONFIGS.values()))
    parser.add_argument("--quick", action="store_true", help="only the release configuration")
    parser.add_argument("--config", action="append", choices=list(CONFIGS), metavar="NAME",
                        help="only this configuration (repeatable)")
    parser.add_argument("--tsan", action="store_true", help="also with ThreadSanitizer")
    parser.add_argument("--rust", action="store_true", help="also Rust programs, with a standard library built for WALI")
    parser.add_argument("--suite", action="append", default=[], metavar="NAME",
                        help="only the tests of this suite (repeatable)")
    parser.add_argument("--apps", action="append", nargs="?", const="all", metavar="NAME",
                        help="instead: the test suites of programs built with the SDK (repeatable; long)")
    parser.add_argument("--tidy", action="store_true", help="also clang-tidy (minutes)")
    parser.add_argument("-v", "--verbose", action="store_true", help="show every build step and all test output")
    parser.add_argument("-j", "--jobs", type=int, help="parallel jobs (default: one per processor)")
    return parser.parse_args()


def main():
    args = parse_args()
    names = args.config or (["release"] if args.quick else list(ALWAYS))
    if args.tsan and "tsan" not in names:
        names.append("tsan")
    if not os.environ.get("WASM_TESTSUITE"):
        say("WASM_TESTSUITE is not set: the specification's suite is skipped "
            "(set it to a checkout of github.com/WebAssembly/testsuite)")
    runner, totals, start = Runner(args), Totals(), time.monotonic()
    if not os.environ.get("WALI_SDK") and (not args.suite or any(s.startswith("sdk") for s in args.suite)):
        install_sdk(totals, args.rust)
    if args.apps:
        names = ["apps"]
        run_apps(args, totals)
    for name in names if not args.apps else ():
        totals.add(runner.run(CONFIGS[name]))
    if args.tidy:
        (totals.passed if tidy(runner.jobs) else totals.failed).append("clang-tidy")
    for title, items in (("skipped", totals.skipped), ("failed", totals.failed)):
        for item in items:
            say(f"{title}: {item}")
    say(f"{', '.join(names)}: {clock(time.monotonic() - start)}")
    say(totals.line())
    return 1 if totals.failed or not totals.passed else 0


if __name__ == "__main__":
    sys.exit(main())
