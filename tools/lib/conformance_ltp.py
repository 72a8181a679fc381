# SPDX-License-Identifier: Apache-2.0
"""the Linux Test Project's tests of system calls, from a checkout DIR, natively and with the SDK

Builds both sides in a folder of its own (DIR is only read), runs each test of the scenarios "syscalls" and "syscalls-ipc" on
both in namespaces of its own, and compares. What has a result by the same engine and program is not run again, so a call that
was interrupted, or ran out of time, is simply repeated. When nothing is missing the table is written, by default to
tools/sdk/LTP.md; differences are explained in lib/ltp/reasons.toml. Run it as root; another user is root only in a namespace,
and most tests then fail on both sides.
"""

import os
import pathlib
import shutil
import sys
import time

from harness import cli, process
from harness.report import Report, Result
from ltp import compare, page, runs, scenario, tree

SIDES = ("native", "wali")
PAGE = cli.REPOSITORY / "tools" / "sdk" / "LTP.md"


def main():
    start = time.monotonic()
    options = arguments().parse_args()
    folder, work = cli.folder(options), options.work.resolve()
    if work.is_relative_to("/tmp") or work.is_relative_to(folder):
        cli.die(f"--work {work}: tests see an empty /tmp, and nothing is written to {folder}; name another folder")
    process.level_ground()
    work.mkdir(parents=True, exist_ok=True)
    version = tree.export(folder, work / "source")
    tests, left_out = scenario.read(work / "source")
    sides = {side: make_side(side, work, version, options) for side in SIDES}
    deadline = start + 60 * options.minutes
    for side in options.side or SIDES:
        run_side(side, sides, tests, deadline, options)
    return tell(tests, left_out, sides, version, options)


def arguments():
    parser = cli.parser("ltp", __doc__)
    parser.add_argument("--work", metavar="FOLDER", type=pathlib.Path, default=cli.REPOSITORY / "build" / "ltp",
                        help="where it is built and results are kept (default: build/ltp)")
    parser.add_argument("--side", choices=SIDES, action="append", help="run tests of this side only")
    parser.add_argument("--again", metavar="NAME", nargs="+", default=[], help="run these tests (patterns) again, and no others")
    parser.add_argument("--differing", action="store_true", help="run again, and only, what differs")
    parser.add_argument("--runs", metavar="N", type=int, default=1, help="run each test N times; all runs count (default: 1)")
    parser.add_argument("--minutes", metavar="N", type=float, default=60, help="start no test after so many (default: 60)")
    parser.add_argument("--limit", metavar="SECONDS", type=float, default=runs.LIMIT, help="for one test (default: 60)")
    parser.add_argument("--no-build", action="store_true", help="take the programs as they are")
    parser.add_argument("--reasons", metavar="FILE", type=pathlib.Path, default=compare.REASONS, help="reasons of differences")
    parser.add_argument("--table", metavar="FILE", type=pathlib.Path, default=PAGE, help="the page to write")
    return parser


def make_side(side, work, version, options):
    built = tree.Tree(work, side)
    if not options.no_build and side in (options.side or SIDES):
        sdk = os.environ.get("WALI_SDK", str(cli.REPOSITORY / "build" / "sdk"))
        built.build(version, tree.Compiler(side, sdk), options.jobs)
    results = work / "results"
    results.mkdir(exist_ok=True)
    engine = []
    if side == "wali":
        # A copy, so that the engine may be built anew meanwhile, and so that any user can run it.
        words = cli.engine(options)
        engine = [str(work / "engine"), *words[1:]]
        shutil.copy(words[0], work / "engine.new")
        (work / "engine.new").rename(work / "engine")
    return runs.Runner(built, runs.Store(results / f"{side}.jsonl"), engine, options.limit)


def run_side(side, sides, tests, deadline, options):
    runner = sides[side]
    wanted = [(test, run) for test in chosen(tests, sides, options) for run in range(1, options.runs + 1)]
    if not (options.again or options.differing):
        wanted = [pair for pair in wanted if not runner.done(*pair)]
    said = [0]

    def say(row):
        said[0] += 1
        if options.verbose or options.again:
            print(f"{side:<6} {row['test']:<28} {row['seconds']:6.2f} s  {compare.problem_of(row)}", flush=True)
        elif said[0] % 100 == 0 or said[0] == len(wanted):
            print(f"ltp: {side}: {said[0]} of {len(wanted)}", flush=True)

    left = runner.run_all(wanted, options.jobs, deadline, say)
    if left:
        print(f"ltp: {side}: the time is over; the same command again runs the {left} tests that are left", flush=True)


def chosen(tests, sides, options):
    names = {test.name for test in tests if cli.selected(test.name, options)}
    if options.again:
        names &= {test.name for test in tests if scenario.matches(test.name, options.again)}
    if options.differing:
        names &= {d.test.name for d in compare.compare(tests, sides["native"], sides["wali"], lambda *_: None, options.runs).differ}
    return [test for test in tests if test.name in names]


def tell(tests, left_out, sides, version, options):
    calls = compare.Calls(sides["wali"].engine)
    explain = compare.Explainer(compare.read_reasons(options.reasons), calls)
    shown = [test for test in tests if cli.selected(test.name, options)]
    found = compare.compare(shown, sides["native"], sides["wali"], explain, options.runs)
    differ = {d.test.name: d for d in found.differ}
    report = Report("ltp", options)
    for test in sorted(found.native, key=lambda test: (calls.family_of(test), test.name)):
        d, rows = differ.get(test.name), sides["wali"].store.of(test.name, options.runs)
        report.add(Result(f"{calls.family_of(test)}/{test.name}", f"{d.problem}: {d.why}" if d else "",
                          "\n".join(d.lines[:200]) if d and not d.reason else "", sum(row["seconds"] for row in rows)))
    report.finish()
    for test in found.unsteady:
        print(f"ltp: {test.name} passes natively by chance and is not counted")
    if shown == tests:
        for name in explain.stale():
            print(f"ltp: {options.reasons.name} explains {name}, which does not differ")
    print(f"ltp: {len(found.differ)} differ, {len(found.unexplained())} of them not explained; {len(found.missing)} have no result")
    if shown == tests and not found.missing:
        options.table.write_text(page.page(found, calls, left_out, version, options.runs), encoding="utf-8")
        print(f"ltp: wrote {options.table}")
    return 1 if found.unexplained() or found.missing or not found.native else 0


if __name__ == "__main__":
    sys.exit(main())
