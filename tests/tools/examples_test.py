# SPDX-License-Identifier: Apache-2.0
"""The two example programs for embedders, on modules that clang makes from a few lines of C.

examples_test.py RUN_EXPORT HOST_IMPORT
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from guest_compiler import MISSING, compile_module  # noqa: E402

RUN_EXPORT, HOST_IMPORT = map(os.path.abspath, (sys.argv.pop(1), sys.argv.pop(1)))

GCD = """
long long gcd(long long a, long long b) { return b == 0 ? a : gcd(b, a % b); }
int broken(int a) { volatile int zero = 0; return a / zero; }
double half(double x) { return x / 2; }
"""
SAYS = """
__attribute__((import_module("host"), import_name("say"))) void say(const char *text, int length);
__attribute__((import_module("host"), import_name("next"))) long long next(void);
void run(void) {
  char text[] = "number 0";
  for (int i = 0; i < 3; ++i) { text[7] = '0' + (char)next(); say(text, 8); }
#ifdef HOSTILE
  say((const char *)-4, 100);
#endif
}
"""


@unittest.skipIf(MISSING, MISSING)
class Examples(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="wali-run-examples-"))
        self.addCleanup(shutil.rmtree, self.dir)

    def compile(self, source, *options):
        (self.dir / "x.c").write_text(source)
        compile_module(self.dir / "x.c", self.dir / "x.wasm", "-Wl,--no-entry", "-Wl,--export-all", *options)

    def check(self, words, status, stdout, stderr):
        done = subprocess.run([*words], cwd=self.dir, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (status, stdout, stderr))

    def test_run_export(self):
        self.compile(GCD)
        self.check([RUN_EXPORT, "x.wasm", "gcd", "1071", "462"], 0, "21\n", "")
        self.check([RUN_EXPORT, "x.wasm", "gcd", "1"], 1, "", "run_export: gcd has type (i64, i64) -> (i64)\n")
        self.check([RUN_EXPORT, "x.wasm", "broken", "1"], 1, "", "run_export: trap: integer divide by zero\n")
        self.check([RUN_EXPORT, "x.wasm", "half", "1"], 1, "",
                   "run_export: this example speaks only of integers, not f64\n")
        self.check([RUN_EXPORT, "x.wasm", "absent"], 1, "", "run_export: no exported function absent\n")

    def test_host_import(self):
        said = "".join(f"guest says: number {i}\n" for i in (1, 2, 3)) + "the guest asked for 3 numbers\n"
        self.compile(SAYS)
        self.check([HOST_IMPORT, "x.wasm"], 0, said, "")
        self.compile(SAYS, "-DHOSTILE")
        self.check([HOST_IMPORT, "x.wasm"], 1, said, "host_import: trap: out of bounds memory access: host.say\n")


if __name__ == "__main__":
    unittest.main()
