# SPDX-License-Identifier: Apache-2.0
"""The conformance runs must notice every kind of difference: tested with programs made to differ."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "lib"))

import conformance_apps as apps  # noqa: E402
import conformance_unit as unit  # noqa: E402
from apps.check import Check  # noqa: E402
from harness import process  # noqa: E402

NATIVE = """#!/bin/sh
case $1 in
  same) echo out; echo err >&2; echo data >file; exit 3;;
  name) echo "$0: complaint" | sed 's|.*/||' >&2;;
  signal) kill -TERM $$;;
  *) echo out;;
esac
"""
# What the guest does instead, by the check's first word.
GUEST = """#!/bin/sh
case $2 in
  stdout) echo other;;
  stderr) echo out; echo noise >&2;;
  status) echo out; exit 1;;
  signal) exit 143;;
  files) echo out; : >left;;
  slow) sleep 60;;
  name) echo "$1: complaint" >&2;;
  *) shift; exec native/prog "$@";;
esac
"""


class Processes(unittest.TestCase):
    def run_line(self, line, **more):
        return process.run(["/bin/sh", "-c", line], "/", {"PATH": "/usr/bin:/bin"}, **more)

    def test_outcomes(self):
        outcome = self.run_line("cat; echo err >&2; exit 7", stdin=b"fed")
        self.assertEqual((outcome.status, outcome.stdout, outcome.stderr), (7, b"fed", b"err\n"))
        self.assertEqual(self.run_line("kill -KILL $$").status, -9)

    def test_time_limit(self):
        outcome = self.run_line("sleep 60", timeout=0.2)
        self.assertTrue(outcome.timed_out)
        self.assertLess(outcome.seconds, 30)

    def test_a_test_that_hangs_does_not_end_a_suite(self):
        outcome = self.run_line("for n in 1 2; do sleep 1000; echo $n; done", stall=0.1, timeout=100)
        self.assertEqual((outcome.stdout.split(), outcome.status, outcome.timed_out), ([b"1", b"2"], 0, False))

    def test_ends_what_was_started(self):
        outcome = self.run_line("sleep 60 & echo $!")
        stat = pathlib.Path(f"/proc/{int(outcome.stdout)}/stat")
        deadline = time.monotonic() + 10
        while stat.exists() and stat.read_text().rpartition(")")[2].split()[0] not in "ZX":
            self.assertLess(time.monotonic(), deadline, "a background child is still there")


class Apps(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        base = pathlib.Path(folder.name)
        (base / "native").mkdir()
        native, engine, module = base / "native" / "prog", base / "engine", base / "prog.wasm"
        native.write_text(NATIVE)
        engine.write_text(GUEST.replace("native/prog", str(native)))
        for path in (native, engine):
            path.chmod(0o755)
        sample = base / "sample"
        sample.write_text("sample text\n")
        self.runner = apps.Runner(base / "work", apps.Side({"prog": [str(native)]}, {}),
                                  apps.Side({"prog": [str(engine), str(module)]}, {str(module): "prog"}),
                                  {"sample": sample})

    def problem(self, word, **more):
        return self.runner.check(Check(f"prog/{word}", ("prog", word), **more)).problem

    def test_equal_runs_pass(self):
        self.assertEqual(self.problem("same", status=3, expect=("out", "err"), after="cat file"), "")
        self.assertEqual(self.problem("name", expect=("prog: complaint",)), "")

    def test_differences_are_found(self):
        self.assertEqual(self.problem("stdout"), "stdout differs")
        self.assertEqual(self.problem("stderr"), "stderr differs")
        self.assertEqual(self.problem("status"), "status 1, native status 0")
        self.assertEqual(self.problem("signal", status=-15), "status 143, native signal 15")
        self.assertEqual(self.problem("files"), "file left differs")
        self.assertEqual(self.problem("files", after="ls"), "afterwards differs; file left differs")
        self.assertIn("timed out", self.problem("slow", timeout=0.3))

    def test_equal_failures_do_not_pass(self):
        self.assertIn("native run: status 3", self.problem("same"))
        self.assertIn("native run: 'absent'", self.problem("same", status=3, expect=("absent",)))

    def test_known_output_instead_of_a_native_run(self):
        self.assertEqual(self.problem("stdout", reference="other\n"), "")
        self.assertEqual(self.problem("stdout", reference="another\n"), "stdout differs")
        self.assertEqual(self.problem("status", reference="out\n"), "status 1, native status 0")

    def test_missing_pieces(self):
        self.assertFalse(self.runner.has_samples(Check("prog/x", "", samples=("sample", "absent"))))
        self.assertTrue(self.runner.has_samples(Check("prog/x", "", samples=("sample",))))
        self.assertEqual(self.runner.check(Check("other/x", ("other",))).problem, "program not found")

    def test_names_are_unique_and_well_formed(self):
        names = [check.name for check in apps.CHECKS]
        self.assertEqual(len(names), len(set(names)))
        self.assertGreaterEqual(len(names), 40)
        for check in apps.CHECKS:
            self.assertIn(check.name.split("/")[0], apps.PROGRAMS)


class Build(unittest.TestCase):
    """A compiler that defines GUEST stands in for wali-cc, and `env` for the engine."""

    PROGRAMS = {
        "same": "puts(\"same\"); return 3;",
        "output": "puts(GUEST ? \"one\" : \"other\"); return 0;",
        "status": "puts(\"status\"); return GUEST;",
        "file": "if (GUEST) fclose(fopen(\"left\", \"w\")); return 0;",
        "broken": "#if GUEST\n#error\n#endif\nreturn 0;",
        "infinite_loop": "for (;;) if (GUEST) return 0;",  # a told one: the driver ends it
        "read": "char b[99]; puts(\"Enter a sentence\"); int n = read(0, b, 98); b[n] = 0; b[0] -= 32;"
                "printf(\"Replaced buf: %s\\n\", b); return 0;",
    }

    def run_build(self, *words):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for name, body in self.PROGRAMS.items():
            text = f"#include <stdio.h>\n#include <unistd.h>\n#ifndef GUEST\n#define GUEST 0\n#endif\nint main(void) {{\n{body}\n}}\n"
            (pathlib.Path(folder.name) / f"{name}.c").write_text(text)
        xml = pathlib.Path(folder.name) / "results.xml"
        done = subprocess.run([str(ROOT / "tools" / "conformance"), "build", folder.name, "--native-cc", "gcc", "--wali-cc",
                               "gcc -DGUEST=1", "--engine", "env", "--junit", str(xml), *words], capture_output=True, text=True,
                              check=False)
        return done, xml.read_text() if xml.exists() else ""

    def test_differences_are_found(self):
        if not shutil.which("gcc"):
            self.skipTest("needs gcc")
        done, xml = self.run_build("-f", "same/", "-f", "output", "-f", "status", "-f", "file/r", "-f", "broken", "-f", "_loop/")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        for line in ("output/run", "stdout differs", "status 1, native status 0", "file left differs", "does not compile it",
                     "status 0, native signal 15", "status 0, native signal 2", "build: 1 of 7", "1 of 6 programs agree"):
            self.assertIn(line, done.stdout)
        self.assertEqual(xml.count("<failure"), 6)

    def test_driven_programs_agree(self):
        if not shutil.which("gcc"):
            self.skipTest("needs gcc")
        done, xml = self.run_build("-f", "read/")
        self.assertIn("1 of 1 programs agree", done.stdout, done.stdout + done.stderr)
        self.assertEqual((done.returncode, xml.count("<testcase")), (0, 2))


class Unit(unittest.TestCase):
    SUITE = """// CMD: setup="f 'a b'" args="f 2" env="A=1 B='x y'"
// CMD: both args="0"
// CMD: args="7" cleanup="only this"
#include <stdlib.h>
#ifndef WALI_TEST_WRAPPER
int main(int n, char** words) { return n > 1 ? atoi(words[n - 1]) : 99; }
#endif
"""
    HOOKS = """#include <string.h>
#include <unistd.h>
int main(int n, char** words) {
  for (int i = 1; i < n; ++i)
    if (!strcmp(words[i], "--")) return execv(words[i + 1], words + i + 1);
  return 0;
}
"""

    ENGINE = "#!/bin/sh\nfor word; do :; done\nexit $word\n"

    def checkout(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        base = pathlib.Path(folder.name)
        for name, text in (("unit/one.c", self.SUITE), ("common/hooks_main.c", self.HOOKS),
                           ("bin/unit/wasm/one.wasm", ""), ("engine", self.ENGINE)):
            path = base / "tests" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (base / "tests" / "engine").chmod(0o755)
        return base

    def test_command_lines(self):
        runs = unit.parse_runs(self.checkout() / "tests" / "unit" / "one.c")
        self.assertEqual(runs, [
            {"setup": ["f", "a b"], "args": ["f", "2"], "cleanup": ["f", "a b"], "env": ["A=1", "B=x y"]},
            {"setup": ["both"], "args": ["both", "0"], "cleanup": ["both"], "env": []},
            {"setup": [], "args": ["7"], "cleanup": ["only", "this"], "env": []}])

    def conformance(self, base, engine):
        return subprocess.run([str(ROOT / "tools" / "conformance"), "unit", str(base), "--engine", engine],
                              capture_output=True, text=True, check=False)

    def test_whole_run(self):
        namespaces = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--ipc", "--uts", "--net"]
        namespaces += ["--user", "--map-root-user"] if os.geteuid() else []
        if not shutil.which("gcc") or subprocess.run([*namespaces, "true"], capture_output=True, check=False).returncode:
            self.skipTest("needs gcc and namespaces")
        base = self.checkout()
        good = self.conformance(base, str(base / "tests" / "engine"))
        self.assertEqual((good.returncode, good.stderr), (0, ""), good.stdout + good.stderr)
        self.assertIn("unit: 3 of 3", good.stdout)
        bad = self.conformance(base, "false")
        self.assertEqual(bad.returncode, 1)
        self.assertIn("status 1, native 7", bad.stdout)
        self.assertIn("unit: 0 of 3", bad.stdout)


if __name__ == "__main__":
    unittest.main()
