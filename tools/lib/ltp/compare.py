# SPDX-License-Identifier: Apache-2.0
"""Compares the two sides test by test: what passes natively, what of that passes under WALI, and why not the rest."""

import dataclasses
import pathlib
import re
import subprocess
import tomllib

from . import runs, scenario

REASONS = pathlib.Path(__file__).with_name("reasons.toml")
UNEXPLAINED = "not explained"
# Lines of a test's output that say what went wrong.
TELLING = re.compile(r"TFAIL|TBROK|TCONF|TWARN|wali-run:")
# A call that is missing, in the words of LTP and of the C library.
MISSING = re.compile(r"ENOSYS|error:38|[Nn]ot (implemented|supported|available|configured)|CONFIG_")


class Calls:
    """The system calls that the engine lists: they are the families of tests, and say why some are absent."""

    def __init__(self, engine):
        done = subprocess.run([*engine, "--list-syscalls"], capture_output=True, text=True, check=False)
        rows = [line.split(None, 4) for line in done.stdout.splitlines()]
        rows = [[*row, ""][:5] for row in rows if len(row) > 3 and row[0].isdigit()]  # a call may have no arguments
        self.family = {row[1]: row[2] for row in rows}
        self.absent = {row[1]: row[4] for row in rows if row[3] == "absent"}
        self.told = scenario.table().get("families", {})

    def family_of(self, test):
        for part in parts(test):
            if part in self.told:
                return self.told[part]
            if name := self.related(part):
                return self.family[name]
        return "other"

    def related(self, part):
        """A call that is named after the folder: pselect6 for pselect, rt_sigaction for sigaction."""
        if part in self.family:
            return part
        names = sorted(self.family)
        return next((name for name in names if name.startswith(part)), None) or \
            next((name for name in names if name.endswith(f"_{part}")), None)

    def why_absent(self, test, telling):
        """A reason where the output says that a call is missing, and the engine says that it has not got it."""
        if not MISSING.search(telling):
            return None
        named = re.findall(r"__NR_(\w+)", telling) + re.findall(r"\b([a-z_0-9]+)\(", telling)
        words = re.findall(r"(?:\bltp_)?([a-z_0-9]+)", telling)
        for name in [*named, *filter(None, map(self.related, parts(test))), *words]:
            if name in self.absent:
                return Reason("absent calls", f"{name}: {self.absent[name]}")
        return None


def parts(test):
    """The names of the folders of its source, innermost first."""
    return reversed((test.folder or re.sub(r"[0-9_]+$", "", test.words[0])).split("/"))


@dataclasses.dataclass
class Reason:
    kind: str  # a few words; reasons are counted by them
    why: str
    tests: tuple = ()
    says: re.Pattern | None = None  # what the telling lines of the test's output have
    used: set = dataclasses.field(default_factory=set)

    def holds(self, name, telling):
        return (not self.tests or scenario.matches(name, self.tests)) and (not self.says or bool(self.says.search(telling)))


def read_reasons(path=REASONS):
    """Those for named tests come before those that only look at the output."""
    rows = tomllib.loads(path.read_text(encoding="utf-8")).get("reason", [])
    found = [Reason(row["kind"], row["why"], tuple(row.get("tests", ())), re.compile(row["says"]) if "says" in row else None)
             for row in rows]
    return sorted(found, key=lambda reason: not reason.tests)


class Explainer:
    """Our reasons for named tests, then what the engine says of absent calls, then our reasons for what output says."""

    def __init__(self, reasons, calls):
        self.reasons, self.calls = reasons, calls

    def __call__(self, test, telling):
        found = [reason for reason in self.reasons if reason.holds(test.name, telling)]
        if found and found[0].tests:
            found[0].used.add(test.name)
            return found[0]
        return self.calls.why_absent(test, telling) or (found[0] if found else None)

    def stale(self):
        """Patterns in the reasons that no difference needs."""
        return sorted(pattern for reason in self.reasons for pattern in reason.tests
                      if not any(scenario.matches(name, [pattern]) for name in reason.used))


@dataclasses.dataclass
class Difference:
    test: scenario.Test
    problem: str
    reason: Reason | None
    lines: list

    @property
    def why(self):
        return self.reason.why if self.reason else UNEXPLAINED


@dataclasses.dataclass
class Comparison:
    native: list = dataclasses.field(default_factory=list)  # tests that pass natively, in each run
    differ: list = dataclasses.field(default_factory=list)
    fewer: list = dataclasses.field(default_factory=list)  # pass on both sides, but look at less under WALI
    unsteady: list = dataclasses.field(default_factory=list)  # pass natively in some runs only
    missing: list = dataclasses.field(default_factory=list)  # have no result on one side

    def unexplained(self):
        return [d for d in self.differ if d.reason is None]


def compare(tests, native, wali, explain, count):
    """`native` and `wali` are Runners; explain(test, telling lines) gives a Reason or None; `count` is the number of runs of each test that must agree."""
    result = Comparison()
    for test in tests:
        there, here = native.store.of(test.name, count), wali.store.of(test.name, count)
        if len(there) < count or (len(here) < count and any(map(runs.passed, there))):
            result.missing.append(test)
        elif all(map(runs.passed, there)):
            result.native.append(test)
            if not all(map(runs.passed, here)):
                result.differ.append(difference(test, here, wali, explain))
            elif min(r["counts"]["TPASS"] for r in here) < min(r["counts"]["TPASS"] for r in there):
                result.fewer.append(test)
        elif any(map(runs.passed, there)):
            result.unsteady.append(test)
    return result


def difference(test, here, wali, explain):
    failed = [row for row in here if not runs.passed(row)]
    lines = [line for line in wali.output(failed[0]).splitlines() if TELLING.search(line)]
    reason = explain(test, "\n".join(lines))
    problem = problem_of(failed[0])
    if len(failed) < len(here):
        problem, reason = f"passes in {len(here) - len(failed)} of {len(here)} runs; else {problem}", None
    return Difference(test, problem, reason, lines)


def problem_of(row):
    if row["problem"]:
        return row["problem"]
    counts = ", ".join(f"{count} {word}" for word, count in row["counts"].items() if count)
    return f"{status_text(row['status'])}, {counts or 'no verdict'}"


def status_text(status):
    return f"status {status}" if status >= 0 else f"ended by signal {-status}"

