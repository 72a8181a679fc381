# SPDX-License-Identifier: Apache-2.0
"""Writes the comparison as a page, tools/sdk/LTP.md."""

import collections
import os

from .compare import UNEXPLAINED

HEAD = """# LTP's tests of system calls

Written by `tools/conformance ltp DIR` from what it measured; not edited by hand. DIR is a checkout of the Linux Test Project.
The tests of its scenarios "syscalls" and "syscalls-ipc" are compiled for this machine with gcc and glibc, and with `wali-cc`;
both run in the same surroundings, each test in namespaces of its own. A test passes when it says so and ends with 0. "WALI"
counts, of the tests that pass natively, those that pass under `wali-run` too. Why the others differ is told below; the
reasons are kept in `tools/lib/ltp/reasons.toml`, those of calls that `wali-run` has not got in its table of calls.
"""


def page(comparison, calls, left_out, version, count):
    lines = [HEAD, f"LTP {version[:12]}, Linux {'.'.join(os.uname().release.split('.')[:2])}, {counted(count, 'run')} of each test.", ""]
    lines += family_table(comparison, calls)
    lines += kind_table(comparison)
    lines += differences(comparison)
    if comparison.fewer:
        lines += ["## Pass, but check less", "", "A part of these tests finds that it cannot be run under WALI and says so.", "",
                  names(comparison.fewer), ""]
    if comparison.unsteady:
        lines += ["## Not counted: natively by chance", "", names(comparison.unsteady), ""]
    lines += ["## Not run", "", "| they | tests |", "|---|---|"]
    lines += [f"| {why} | {' '.join(sorted(which))} |" for why, which in grouped(left_out.items())]
    return "\n".join(lines) + "\n"


def counted(number, noun):
    return f"{number} {noun}" + ("" if number == 1 else "s")


def names(tests):
    return " ".join(test.name for test in tests)


def grouped(pairs):
    found = collections.defaultdict(list)
    for name, why in pairs:
        found[why].append(name)
    return sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))


def family_table(comparison, calls):
    native = collections.Counter(map(calls.family_of, comparison.native))
    differ = collections.Counter(calls.family_of(d.test) for d in comparison.differ)
    rows = [(name, native[name], native[name] - differ[name]) for name in sorted(native)]
    rows.append(("all", len(comparison.native), len(comparison.native) - len(comparison.differ)))
    lines = ["| family | native | WALI | of 100 |", "|---|---:|---:|---:|"]
    return lines + [f"| {name} | {there} | {here} | {100 * here // max(1, there)} |" for name, there, here in rows] + [""]


def kind_table(comparison):
    kinds = collections.Counter(d.reason.kind if d.reason else UNEXPLAINED for d in comparison.differ)
    lines = ["| what is behind a difference | tests |", "|---|---:|"]
    return lines + [f"| {kind} | {number} |" for kind, number in sorted(kinds.items(), key=lambda k: (-k[1], k[0]))] + [""]


def differences(comparison):
    lines = ["## Each difference", ""]
    unknown = comparison.unexplained()
    if unknown:
        lines += [f"### {UNEXPLAINED}", "", "| test | under WALI |", "|---|---|"]
        lines += [f"| {d.test.name} | {d.problem} |" for d in unknown] + [""]
    kinds = collections.defaultdict(list)
    for d in comparison.differ:
        if d.reason:
            kinds[d.reason.kind].append((d.test.name, d.why))
    for kind, pairs in sorted(kinds.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        lines += [f"### {kind}", "", "| why | tests |", "|---|---|"]
        lines += [f"| {why} | {' '.join(which)} |" for why, which in grouped(pairs)] + [""]
    return lines
