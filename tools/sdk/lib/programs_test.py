# SPDX-License-Identifier: Apache-2.0
"""Runs the test suites of a recipe with the native program and with the WALI program, and compares.

Two kinds of suites. One runs a command in a copy of each built tree and reads the results of single tests off what it
prints (`pass`, `fail`: regular expressions; the group `name`, and where a line stands for many tests `passed` and
`total`); `stall` is how long a test may print nothing before it is ended and fails. The other is a list of checks: command lines that must do the same on both sides.
"""
import collections
import concurrent.futures
import dataclasses
import fnmatch
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

import conformance_apps
from apps import bash, lua, sqlite
from apps.check import Check
from base import SDK, say
from harness import process
from programs import OUTPUT, PREFIX, SIDES, built

KNOWN_CHECKS = {"lua": lua.CHECKS, "sqlite": sqlite.CHECKS, "bash": bash.CHECKS}
NOBODY = 65534
NEEDED = 0.98  # of the tests that pass natively


@dataclasses.dataclass
class Outcome:
    """Of one suite: tests by name that pass, on either side."""
    what: str
    native: list
    wali: list
    failing: list  # natively
    reasons: list  # (reason, tests it is about)
    unexplained: list  # passes natively only, and nothing says why

    def good(self):
        return bool(self.native) and not self.unexplained and len(self.wali) >= NEEDED * len(self.native)


def results_of(text, suite):
    """({test: it passes}) as told by the lines of a suite's output."""
    results, seen = {}, collections.Counter()
    for passes, pattern in ((True, suite["pass"]), (False, suite.get("fail", r"(?!)"))):
        for match in re.finditer(pattern, text, re.M):
            groups = match.groupdict()
            passed = int(groups.get("passed") or passes)
            total = int(groups.get("total") or groups.get("passed") or 1)
            for number in range(total):
                seen[groups["name"]] += 1
                name = groups["name"] + (f" #{seen[groups['name']]}" if seen[groups["name"]] > 1 else "")
                results[name] = number < passed
    return results


def open_to_all(path):
    """Whether every user may run what is there."""
    return all(folder.stat().st_mode & 1 for folder in [path, *path.parents])


def own_folder(tree, folder, engine):
    """A copy of a tree that an ordinary user may write to; who shall run there, as keywords for Popen."""
    shutil.copytree(tree, folder, symlinks=True)
    os.chmod(folder.parent, 0o755)
    if os.geteuid() != 0 or not open_to_all(engine) or not open_to_all(PREFIX):
        return {}
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def with_own_names(argv, who):
    """(argv, who) for a process with message queues, semaphores and shared memory of its own, where that can be had: both
    sides run at the same time, and use the same names."""
    mount = 'mount -t tmpfs -o mode=1777 names /dev/shm && exec "$@"'
    wrapped = ["unshare", "--ipc", "--mount", "/bin/sh", "-c", mount, "sh"]
    if who:
        wrapped += ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    if os.geteuid() != 0 or subprocess.run([*wrapped, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        return argv, who
    return [*wrapped, *argv], {}


def run_suite(recipe, suite, side, engine, verbose):
    """Results of one side. Suites run as an ordinary user: some tests fail for root, others harm the machine."""
    tree = built(recipe, side, engine, verbose)
    with tempfile.TemporaryDirectory(prefix="apps-") as work:
        folder = pathlib.Path(work) / recipe.name
        who = own_folder(tree, folder, engine)
        # Without the compilers' names: a suite may be about what a variable such as AR does.
        env = {"PATH": f"{PREFIX}/bin:/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), "TMPDIR": str(folder),
               "USER": "nobody", "LOGNAME": "nobody", "SHELL": "/bin/sh", "LC_ALL": "C", "TZ": "UTC", "TERM": "dumb",
               "WALI_CC_SHEBANG": str(engine), "SIDE": side}
        argv, who = with_own_names(["/bin/sh", "-c", suite["run"]], who)
        outcome = process.run(argv, folder, env, timeout=suite.get("timeout", 900), stall=suite.get("stall"), **who)
    text = (outcome.stdout + outcome.stderr).decode(errors="replace")
    number = recipe.suites.index(suite) + 1
    log = OUTPUT / "work" / f"{recipe.name}-{side}.suite{number}.log"
    log.write_text(text)
    results = results_of(text, suite)
    say(f"{recipe.name}: {suite['name']} ({side}): {sum(results.values())} of {len(results)} pass, "
        f"{outcome.seconds:.0f} s" + (", ended by the time limit" if outcome.timed_out else "") + f" ({log.name})")
    return results


def checks_of(recipe, suite):
    known = [c for c in KNOWN_CHECKS.get(suite.get("known"), ()) if c.reference is None]
    own = []
    for row in suite.get("check", ()):
        row = dict(row)
        files = {name: (SDK / "programs/samples" / name).read_text() for name in row.pop("samples", ())}
        row["expect"], row["ignore"] = tuple(row.get("expect", ())), tuple(row.get("ignore", ()))
        row["normalise"] = tuple(map(tuple, row.get("normalise", ())))
        own.append(Check(files=files | row.pop("files", {}), **row))
    names = [c.name for c in known + own]
    assert len(names) == len(set(names)), f"{recipe.name}: two checks of the same name"
    return known + own


def run_checks(recipe, suite, engine, verbose):
    """Results of both sides: natively a check passes if it shows what it was written for, then if WALI does the same."""
    trees = {side: built(recipe, side, engine, verbose) for side in SIDES}
    paths = {side: {name: str(trees[side] / path) for name, path in recipe.programs.items()} for side in SIDES}
    native = conformance_apps.Side({n: [p] for n, p in paths["native"].items()}, {p: n for n, p in paths["native"].items()})
    guest = conformance_apps.Side({n: [str(engine), p] for n, p in paths["wali"].items()},
                                  {p: n for n, p in paths["wali"].items()})
    results = {side: {} for side in SIDES}
    with tempfile.TemporaryDirectory(prefix="apps-") as work:
        runner = conformance_apps.Runner(pathlib.Path(work), native, guest, {})
        checks = [c for c in checks_of(recipe, suite) if runner.has_samples(c)]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            outcomes = list(pool.map(runner.check, checks))
        for check, result in zip(checks, outcomes):
            results["native"][check.name] = not result.problem.startswith("native run:")
            results["wali"][check.name] = not result.problem
            if result.problem:
                print(f"{check.name}: {result.problem}\n" + "\n".join(result.detail.splitlines()[:None if verbose else 12]))
    say(f"{recipe.name}: {suite['name']}: {sum(results['wali'].values())} of {sum(results['native'].values())} are equal")
    return results


def compare(recipe, suite, results):
    native = [name for name, passes in results["native"].items() if passes]
    wali = [name for name in native if results["wali"].get(name)]
    unexplained, reasons = [], collections.OrderedDict()
    for name in native:
        if not results["wali"].get(name):
            why = next((r["why"] for r in recipe.reasons if any(fnmatch.fnmatchcase(name, p) for p in r["tests"])), None)
            if why is None:
                unexplained.append(name)
            else:
                reasons.setdefault(why, []).append(name)
    failing = [name for name, passes in results["native"].items() if not passes]
    return Outcome(suite["name"], native, wali, failing, list(reasons.items()), unexplained)


def test(recipe, engine, verbose):
    """Whether all suites end as they should; keeps the results for the table."""
    begin, good, kept = time.monotonic(), True, []
    for suite in recipe.suites:
        if "run" in suite:
            with concurrent.futures.ThreadPoolExecutor(len(SIDES)) as pool:
                runs = pool.map(lambda side, s=suite: run_suite(recipe, s, side, engine, verbose), SIDES)
                results = dict(zip(SIDES, runs))
        else:
            results = run_checks(recipe, suite, engine, verbose)
        outcome = compare(recipe, suite, results)
        for name in outcome.unexplained:
            print(f"{recipe.name}: {suite['name']}: passes natively only: {name}")
        if verbose:
            for name in outcome.failing:
                print(f"{recipe.name}: {suite['name']}: fails natively: {name}")
        print(f"{'ok  ' if outcome.good() else 'FAIL'} {recipe.name}: {suite['name']}: native {len(outcome.native)}, "
              f"WALI {len(outcome.wali)} of them", flush=True)
        good = good and outcome.good()
        kept.append({"what": outcome.what, "native": len(outcome.native), "wali": len(outcome.wali),
                     "failing": len(outcome.failing), "reasons": [(why, len(tests)) for why, tests in outcome.reasons],
                     "unexplained": len(outcome.unexplained)})
    (OUTPUT / "work" / f"{recipe.name}.json").write_text(json.dumps(kept, indent=1))
    say(f"{recipe.name}: {'in order' if good else 'FAILED'}, {time.monotonic() - begin:.0f} s")
    return good
