# SPDX-License-Identifier: Apache-2.0
"""Tests do not see the machine they run on: what guests are compiled with, and what each test is started with."""
import os
import pathlib
import signal
import stat
import subprocess
import sys
import tempfile
import unittest

SUPPORT = pathlib.Path(__file__).resolve().parents[1] / "support"
sys.path.insert(0, str(SUPPORT))
from guest_compiler import CLANG, MISSING  # noqa: E402

SOURCE = "int twice(int x) { return 2 * x; }\n"
SHOW = ("import os, resource, signal; print(sorted(os.environ.items())); mask = os.umask(0); print(oct(mask)); "
        "print(signal.getsignal(signal.SIGHUP), signal.pthread_sigmask(signal.SIG_BLOCK, ())); "
        "print(resource.getrlimit(resource.RLIMIT_STACK)[0], resource.getrlimit(resource.RLIMIT_CORE)[0])")


class SameEverywhere(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = pathlib.Path(folder.name)

    @unittest.skipIf(MISSING, MISSING)
    def test_guests_are_compiled_without_other_tools_and_variables(self):
        (self.dir / "x.c").write_text(SOURCE)
        (self.dir / "stdarg.h").write_text("#error the machine's\n")
        optimizer = self.dir / "wasm-opt"
        optimizer.write_text("#!/bin/sh\nexit 1\n")
        optimizer.chmod(stat.S_IRWXU)
        command = ["--target=wasm32", "-O1", "-nostdlib", "-Wl,--no-entry", "-Wl,--export-all", "-include", "stdarg.h",
                   self.dir / "x.c", "-o", self.dir / "x.wasm"]
        subprocess.run([CLANG, *command], check=True)
        usual = (self.dir / "x.wasm").read_bytes()
        for strange in ({"PATH": f"{self.dir}:{os.environ['PATH']}"}, {"CPATH": str(self.dir)},
                        {"CCC_OVERRIDE_OPTIONS": "+-fno-such-option"}):
            stock = subprocess.run(["clang-22", *command], env=os.environ | strange, capture_output=True, check=False)
            self.assertNotEqual(stock.returncode, 0, f"{strange} does not bite")
            subprocess.run([CLANG, *command], env=os.environ | strange, check=True)
            self.assertEqual((self.dir / "x.wasm").read_bytes(), usual)

    def test_tests_start_on_level_ground(self):
        def strange():
            os.umask(0o077)
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])

        command = [sys.executable, "-B", SUPPORT / "level_ground.py", sys.executable, "-c", SHOW]
        shown = [subprocess.run(command, env=env, preexec_fn=prepare, stdout=subprocess.PIPE, text=True, check=True).stdout
                 for env, prepare in (({"PATH": "/usr/bin:/bin"}, None),
                                      ({"PATH": "/usr/bin:/bin", "LC_ALL": "tr_TR.UTF-8", "LANGUAGE": "tr", "TERM": "xterm",
                                        "WALI_RUN_OPTS": "--strace", "CFLAGS": "-m32", "LD_BIND_NOW": "1"}, strange))]
        self.assertIn("0o22", shown[0])
        self.assertEqual(shown[1], shown[0])


if __name__ == "__main__":
    unittest.main()
