# SPDX-License-Identifier: Apache-2.0
"""Results on the terminal and as JUnit XML; the exit status follows from them."""

import dataclasses
import pathlib
import sys
import xml.etree.ElementTree as xml


@dataclasses.dataclass
class Result:
    name: str
    problem: str = ""  # empty: passed; else one line
    detail: str = ""  # further lines, for instance a diff
    seconds: float = 0.0


class Report:
    """Collects results in the order they are added."""

    def __init__(self, title, options):
        self.title = title
        self.verbose = options.verbose
        self.junit = options.junit
        self.results = []

    def add(self, result):
        self.results.append(result)
        if result.problem or self.verbose:
            verdict = "FAIL" if result.problem else "ok  "
            print(f"{verdict} {result.name:<40} {result.seconds:7.2f} s  {result.problem}".rstrip(), flush=True)
            lines = result.detail.splitlines()
            shown = lines if self.verbose else lines[:12]
            for line in shown:
                print("       " + line)
            if len(shown) < len(lines):
                print(f"       ({len(lines) - len(shown)} more lines: -v)")

    def finish(self, table=True):
        """Prints a line per group of names and the total, writes the XML, returns the exit status."""
        if table:
            self._table()
        if self.junit:
            self._write_junit(self.junit)
        passed = sum(not r.problem for r in self.results)
        print(f"{self.title}: {passed} of {len(self.results)}")
        return 0 if self.results and passed == len(self.results) else 1

    def _table(self):
        groups = {}
        for result in self.results:
            group = groups.setdefault(result.name.split("/")[0] if "/" in result.name else "", [0, 0, 0.0])
            group[0] += not result.problem
            group[1] += 1
            group[2] += result.seconds
        if len(groups) > 1:
            width = max(map(len, groups))
            for name, (passed, total, seconds) in groups.items():
                print(f"  {name:<{width}} {passed:4} of {total:<4} {seconds:8.1f} s")

    def _write_junit(self, path: pathlib.Path):
        failed = sum(bool(r.problem) for r in self.results)
        suite = xml.Element("testsuite", name=self.title, tests=str(len(self.results)), failures=str(failed),
                            time=f"{sum(r.seconds for r in self.results):.3f}")
        for result in self.results:
            case = xml.SubElement(suite, "testcase", classname=self.title, name=result.name,
                                  time=f"{result.seconds:.3f}")
            if result.problem:
                xml.SubElement(case, "failure", message=_xml_safe(result.problem)).text = _xml_safe(result.detail)
        try:
            xml.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)
        except OSError as error:
            print(f"conformance: {path}: {error.strerror}", file=sys.stderr)
            sys.exit(2)


def _xml_safe(text):
    return "".join(c if c in "\t\n" or " " <= c < "\ud800" else "\ufffd" for c in text)
