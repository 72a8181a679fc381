#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The recipes of tools/sdk/programs are sound, and the comparison of two runs of a test suite says what it should."""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"
sys.path[:0] = [str(TOOLS / "sdk/lib"), str(TOOLS / "lib")]

import programs  # noqa: E402
import programs_argv0  # noqa: E402
import programs_table  # noqa: E402
import programs_test  # noqa: E402

SUITE = {"name": "suite", "run": "", "pass": r"^(?P<name>\S+) ok(?: \((?P<passed>\d+)\))?$",
         "fail": r"^(?P<name>\S+) FAILED(?: \((?P<passed>\d+)/(?P<total>\d+)\))?$"}


def recipe(**fields):
    return programs.Recipe("name", "title", "1", "", {}, [SUITE], **fields)


def outcome(native, wali, **fields):
    results = {"native": programs_test.results_of(native, SUITE), "wali": programs_test.results_of(wali, SUITE)}
    return programs_test.compare(recipe(**fields), SUITE, results)


class Recipes(unittest.TestCase):
    def test_all_are_sound(self):
        recipes = programs.load()
        self.assertGreaterEqual(len(recipes), 9)
        for name, found in recipes.items():
            with self.subTest(name):
                self.assertEqual(bool(found.package), bool(re.fullmatch(r"[0-9a-f]{64}", found.sha256)))
                self.assertTrue(found.package or found.source().is_dir())
                self.assertEqual(bool(found.sample), bool(found.run))
                self.assertTrue(not found.sample or (programs.FOLDER / "samples" / found.sample).is_file())
                for reason in found.reasons:
                    self.assertTrue(reason["tests"] and len(reason["why"].split()) > 3)
                self.assertLessEqual(set(found.needs), set(recipes))
                self.assertTrue(found.suites)
                for suite in found.suites:
                    if "run" in suite:
                        for pattern in (suite["pass"], suite["fail"]):
                            self.assertIn("name", re.compile(pattern).groupindex)
                    else:
                        checks = programs_test.checks_of(found, suite)
                        self.assertTrue(checks)
                        self.assertLessEqual({c.name.split("/")[0] for c in checks}, set(found.programs))


class Comparison(unittest.TestCase):
    def test_results_are_read_off_lines(self):
        text = "a ok\nb FAILED\nnoise\nc ok (3)\nd FAILED (1/3)\na ok\n"
        self.assertEqual(programs_test.results_of(text, SUITE),
                         {"a": True, "a #2": True, "b": False, "c": True, "c #2": True, "c #3": True,
                          "d": True, "d #2": False, "d #3": False})

    def test_equal_runs_are_good(self):
        self.assertTrue(outcome("a ok\nb FAILED\n", "a ok\nb ok\n").good())

    def test_nothing_that_passes_is_not_good(self):
        self.assertFalse(outcome("", "").good())
        self.assertFalse(outcome("a FAILED\n", "a ok\n").good())

    def test_a_difference_needs_a_reason(self):
        many = "".join(f"t{n} ok\n" for n in range(99))
        self.assertEqual(outcome(many + "x ok\n", many + "x FAILED\n").unexplained, ["x"])
        self.assertEqual(outcome(many + "x ok\n", many).unexplained, ["x"])
        explained = outcome(many + "x ok\n", many + "x FAILED\n", reasons=[{"tests": ["x*"], "why": "a fact"}])
        self.assertTrue(explained.good())
        self.assertEqual(explained.reasons, [("a fact", ["x"])])

    def test_reasons_do_not_excuse_many(self):
        few = "".join(f"t{n} ok\n" for n in range(9))
        self.assertFalse(outcome(few + "x ok\n", few + "x FAILED\n", reasons=[{"tests": ["x"], "why": "a fact"}]).good())


KEEPING = """
import os, sys
sys.path[:0] = [sys.argv[1]]
import programs_argv0
if not programs_argv0.keep("/bin/echo"):
    sys.exit(77)
os.execv(sys.argv[2], ["its own name", "word"])
"""


class Argv0(unittest.TestCase):
    def test_the_entry_names_the_first_line(self):
        self.assertEqual(programs_argv0.entry(pathlib.Path("/a/b")), r":wali-shebang:M:0:#!/a/b\x0a\x00asm::/a/b:P")
        self.assertIsNone(programs_argv0.entry(pathlib.Path("/a:b")))
        self.assertIsNone(programs_argv0.entry(pathlib.Path("/" + "a" * 120)))

    def test_a_program_with_such_a_line_keeps_its_name(self):
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder) / "program"
            program.write_bytes(b"#!/bin/echo\n\0asm")
            program.chmod(0o755)
            done = subprocess.run([sys.executable, "-B", "-c", KEEPING, str(TOOLS / "sdk/lib"), str(program)], text=True,
                                  stdout=subprocess.PIPE, check=False)
            if done.returncode == 77:
                self.skipTest("no binfmt_misc for a user namespace")
            self.assertEqual(done.stdout, f"{program} its own name word\n")


class Table(unittest.TestCase):
    def test_a_program_that_was_not_tested_keeps_its_rows(self):
        rows = "| a | 1 | x | 2 | 2 | none |\n|  |  | y | 3 | 3 | none |\n", "| b c | 1 | x | 2 | 2 | none |\n"
        self.assertEqual(programs_table.earlier_rows(programs_table.HEAD + "".join(rows)), {"a": rows[0], "b c": rows[1]})


if __name__ == "__main__":
    unittest.main()
