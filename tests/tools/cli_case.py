# SPDX-License-Identifier: Apache-2.0
"""What the command line tests share: a folder of their own, and running wali-run in it.

Each test script is started by Meson with the path of wali-run, and runs as unittest.
"""
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from guest_compiler import MISSING, compile_module  # noqa: E402

WALI_RUN = None


def no_core_file():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class CliCase(unittest.TestCase):
    maxDiff = None

    @classmethod
    def build_guest(cls, source="wali_guest.c", options=()):
        """A guest as cls.module, in a folder that lasts as long as the class; skips where nothing can build it."""
        if MISSING:
            raise unittest.SkipTest(MISSING)
        folder = pathlib.Path(tempfile.mkdtemp(prefix="wali-run-cli-"))
        cls.addClassCleanup(shutil.rmtree, folder)
        cls.module = folder / "g.wasm"
        compile_module(HERE / source, cls.module, "-ffreestanding", "-Wl,--export-memory", *options)

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="wali-run-cli-"))
        self.addCleanup(shutil.rmtree, self.dir)

    def file(self, name, content):
        path = self.dir / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return name

    def run_cli(self, *words, stdin=b"", env=None, program=None, preexec=no_core_file, **options):
        """stdout, stderr (text) and status; the environment holds nothing of ours unless given."""
        base = {k: v for k, v in os.environ.items() if not k.startswith("WALI_")}
        base.update(env or {})
        if isinstance(stdin, bytes):
            options["input"] = stdin
        else:
            options["stdin"] = stdin
        done = subprocess.run([program or WALI_RUN, *words], capture_output=True, cwd=self.dir, env=base,
                              preexec_fn=preexec, timeout=60, **options)
        self.stdout, self.stderr, self.status = done.stdout.decode(), done.stderr.decode(), done.returncode
        return self

    def gives(self, status, stderr=None, stdout=None):
        seen = f"status {self.status}\nstdout: {self.stdout}\nstderr: {self.stderr}"
        self.assertEqual(self.status, status, seen)
        if stderr is not None:
            self.assertEqual(self.stderr, stderr, seen)
        if stdout is not None:
            self.assertEqual(self.stdout, stdout, seen)
        return self

    def refused(self, status, reason):
        """One line on stderr, nothing on stdout."""
        return self.gives(status, f"wali-run: {reason}\n", "")


def main():
    global WALI_RUN
    WALI_RUN = os.path.abspath(sys.argv.pop(1))
    sys.modules["cli_case"].WALI_RUN = WALI_RUN
    unittest.main(module="__main__")
