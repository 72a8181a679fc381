# SPDX-License-Identifier: Apache-2.0
"""What tests of the SDK's commands share: a folder of their own, short ways to run things there."""
import os
import pathlib
import sys
import tempfile
import unittest

from sdk import require, run, tool

HELLO = '#include <stdio.h>\nint main(void) { puts("hello"); return VALUE; }\n'
WALI_RUN = os.path.abspath(sys.argv[1])


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = pathlib.Path(folder.name)
        self.file("hello.c", HELLO)

    def file(self, name, text):
        (self.dir / name).write_text(text)
        return name

    def cc(self, *words, tool_name="wali-cc", status=0, **kwargs):
        done = run([tool(tool_name), *words], cwd=self.dir, **kwargs)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def outcome(self, name, *words, **kwargs):
        done = run([WALI_RUN, self.dir / name, *words], cwd=self.dir, **kwargs)
        return done.returncode, done.stdout, done.stderr


def main():
    """The tests of the calling file."""
    require()
    sys.argv.pop(1)
    unittest.main()
