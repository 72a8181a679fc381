# SPDX-License-Identifier: Apache-2.0
"""tools/soak must notice a program that says the wrong thing, ends, does not end, or grows."""

import os
import pathlib
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "lib"))

import soak  # noqa: E402

RIGHT = "while read -r n; do echo done $n; done"
LEAKS = "n=9; while read -r x; do eval \"exec $n</dev/null\"; n=$((n + 1)); echo done $x; done"


class Soak(unittest.TestCase):
    def run_part(self, script, seconds=0.3):
        def done(number, text):
            return None if text == "noise\n" else text == f"done {number}\n"

        part = soak.Part("part", lambda number: f"{number}\n", done)
        with tempfile.TemporaryDirectory() as folder:
            part.run(["bash", "-c", script], pathlib.Path(folder), dict(os.environ), time.monotonic() + seconds)
        return part

    def test_what_is_right(self):
        part = self.run_part("echo noise; " + RIGHT)
        self.assertEqual(part.problem, "")
        self.assertGreater(part.batches, 3)
        self.assertFalse([line for line in part.drift() if line[3]])
        self.assertEqual(soak.report([part], 1), 0)

    def test_what_is_wrong(self):
        self.assertIn("said 'done x2'", self.run_part("read n; echo done $n; read n; echo done x$n; " + RIGHT).problem)
        self.assertIn("batch 2: it ended", self.run_part("read n; echo done $n; read n").problem)
        self.assertIn("status -9 after SIGTERM", self.run_part("trap 'kill -9 $$' TERM; " + RIGHT).problem)
        self.assertIn("left over", self.run_part("sleep 60 & " + RIGHT).problem)

    def test_what_hangs(self):
        patience, soak.PATIENCE = soak.PATIENCE, 0.2
        self.addCleanup(setattr, soak, "PATIENCE", patience)
        self.assertIn("not done after", self.run_part("sleep 60", 5).problem)

    def test_what_grows(self):
        part = self.run_part(LEAKS)
        self.assertEqual([line[0] for line in part.drift() if line[3]], ["descriptors"])
        self.assertEqual(soak.report([part], 1), 1)


if __name__ == "__main__":
    unittest.main()
