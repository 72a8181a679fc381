# SPDX-License-Identifier: Apache-2.0
"""`tools/conformance ltp` builds both sides, tells a difference from an equal failure, and goes on where it was."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "lib"))

from ltp import compare, runs  # noqa: E402

# A checkout that is built as LTP is: two folders of tests, of which one has a program that does not compile for WALI.
TREE = {
    "Makefile": "autotools:\n\ttouch configured-by-autotools\n",
    "configure": """#!/bin/sh
CC=cc
for word; do case $word in CC=*) CC=${word#CC=};; --prefix=*) prefix=${word#--prefix=};; esac; done
test -f configured-by-autotools && printf 'CC=%s\\nBIN=%s/testcases/bin\\n' "$CC" "$prefix" >config.mk
""",
    **{f"{folder}/Makefile": "all install:\n" for folder in ("lib", "libs", "testcases/lib")},
    "rules.mk": """include $(TOP)/config.mk
PROGRAMS = $(basename $(wildcard *.c))
all: $(PROGRAMS)
%: %.c
	$(CC) -o $@ $<
install: all
	cp $(PROGRAMS) $(BIN)
""",
    "testcases/kernel/syscalls/read/Makefile": "TOP = ../../../..\ninclude $(TOP)/rules.mk\n",
    "testcases/kernel/syscalls/ipc/msgget/Makefile": "TOP = ../../../../..\ninclude $(TOP)/rules.mk\n",
    "testcases/kernel/syscalls/read/read01.c": """#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
int main(int n, char** words) {
  struct stat scratch;  // nothing of another test is there, and the time is the machine's
  if (getsid(0) != getpid() || mkdir("/tmp/mine", 0700) || stat(getenv("TMPDIR"), &scratch)) return puts("TBROK"), 2;
  if (mkdir("/dev/mine", 0700)) return puts("TBROK"), 2;
  if (fputs("x", fopen("/dev/null", "w")) < 0 || !fopen("/dev/ptmx", "r+") || access("/dev/shm", W_OK)) return puts("TBROK"), 2;
  if (n > 1 && GUEST) sleep(1000);
  puts(n > 1 ? "TPASS: with a word" : "TPASS: plain");
  return 0;
}
""",
    "testcases/kernel/syscalls/read/read02.c": "#include <stdio.h>\nint main(void) { puts(\"TFAIL\"); return 1; }\n",
    "testcases/kernel/syscalls/ipc/shmget/Makefile": "TOP = ../../../../..\ninclude $(TOP)/rules.mk\n",
    "testcases/kernel/syscalls/ipc/shmget/shmget01.c":
        "#include <stdio.h>\nint main(void) { puts(GUEST ? \"TCONF: shmget(1): ENOSYS\" : \"TPASS\"); return GUEST; }\n",
    "testcases/kernel/syscalls/read/quiet01.c": "int main(void) { return 0; }\n",
    "testcases/kernel/syscalls/read/absent01.c":
        "#include <stdio.h>\n#if GUEST\n#error\n#endif\nint main(void) { puts(\"TPASS\"); return 0; }\n",
    "testcases/kernel/syscalls/ipc/msgget/msgget01.c":
        "#include <stdio.h>\nint main(void) { puts(GUEST ? \"TFAIL: no \\x1b[1mqueue\" : \"TPASS\"); return GUEST; }\n",
    "runtest/syscalls": "# tests\nread01 read01\nread01_word read01 'a word'\nread02 read02\nquiet01 quiet01\n"
                        "absent01 absent01\nreboot01 reboot01\n",
    "runtest/syscalls-ipc": "msgget01 msgget01\nread02 read02\nshmget01 shmget01\n",
}
REASONS = """[[reason]]
kind = "gaps"
why = "there are no queues"
says = "no queue$"

[[reason]]
kind = "old"
why = "mended"
tests = ["read01"]
"""
ENGINE = """#!/bin/sh
echo '  0 read    desc  direct  fd, bytes out'
echo ' 29 shmget  ipc   absent  not in memory'
echo ' 39 getpid  task  direct'
echo ' 68 msgget  ipc   direct  key'
"""
COMPILER = "#!/bin/sh\nexec gcc -w -DGUEST={} \"$@\"\n"


class Ltp(unittest.TestCase):
    def setUp(self):
        namespaces = ["unshare", *runs.NAMESPACES, *(["--user", "--map-root-user"] if os.geteuid() else [])]
        missing = [name for name in ("gcc", "make") if not shutil.which(name)]
        if missing or subprocess.run([*namespaces, "true"], capture_output=True, check=False).returncode:
            self.skipTest("needs gcc, make and namespaces")
        # Not below /tmp, which the tests cannot see.
        folder = tempfile.TemporaryDirectory(dir="/var/tmp")
        self.addCleanup(folder.cleanup)
        self.base = pathlib.Path(folder.name)
        self.base.chmod(0o755)
        self.put("checkout", TREE)
        self.put("native", {"gcc": COMPILER.format(0).replace("exec gcc", f"exec {shutil.which('gcc')}")})
        self.put("sdk", {f"bin/wali-{name}": COMPILER.format(1) for name in ("cc", "ar", "ranlib", "strip")})
        self.put("", {"reasons.toml": REASONS, "engine": ENGINE})

    def put(self, folder, files):
        for name, text in files.items():
            path = self.base / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            if text.startswith("#!"):
                path.chmod(0o755)

    def ltp(self, *words):
        checkout = self.base / "checkout"
        before = {path: path.stat().st_mtime_ns for path in checkout.rglob("*")}
        environment = os.environ | {"WALI_SDK": str(self.base / "sdk"), "PATH": f"{self.base}/native:{os.environ['PATH']}"}
        done = subprocess.run(
            [str(ROOT / "tools" / "conformance"), "ltp", str(checkout), "--work", str(self.base / "work"), "--engine",
             str(self.base / "engine"), "--table", str(self.base / "LTP.md"), "--reasons", str(self.base / "reasons.toml"),
             "--limit", "10", *words], env=environment, capture_output=True, text=True, check=False)
        self.assertEqual(before, {path: path.stat().st_mtime_ns for path in checkout.rglob("*")}, "the checkout was written to")
        return done

    def rows(self, side):
        lines = (self.base / "work" / "results" / f"{side}.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def test_whole_run(self):
        done = self.ltp("--jobs", "1")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        for line in ("desc/absent01", "not built: not explained", "desc/read01_word", "not ended after 10 s: not explained",
                     "ipc/msgget01", "status 1, 1 TFAIL: there are no queues", "ltp: 1 of 5", "shmget: not in memory",
                     "explains read01, which does not differ", "4 differ, 2 of them not explained; 0 have no result"):
            self.assertIn(line, done.stdout, done.stdout + done.stderr)
        page = (self.base / "LTP.md").read_text()
        for line in ("| desc | 3 | 1 | 33 |", "| ipc | 2 | 0 | 0 |", "| all | 5 | 1 | 20 |", "| gaps | 1 |",
                     "| absent01 | not built |", "| there are no queues | msgget01 |", "reboot01 |", "1 run of each"):
            self.assertIn(line, page)
        self.assertEqual(len(self.rows("wali")), 7)
        self.resumes()

    def test_families(self):
        calls = compare.Calls([str(self.base / "engine")])
        for folder, family in (("read", "desc"), ("getpid", "task"), ("ipc/shmget", "ipc"), ("shm", "ipc"), ("waitpid", "process"),
                               ("unheard", "other")):
            self.assertEqual(calls.family_of(compare.scenario.Test("t", ("t01",), folder)), family)

    def resumes(self):
        self.assertIn("ltp: 1 of 5", self.ltp().stdout)
        self.assertEqual(len(self.rows("wali")), 7, "what was done was done again")
        self.assertIn("wali   msgget01", self.ltp("--again", "msgget*", "--side", "wali", "--no-build").stdout)
        self.assertEqual([row["test"] for row in self.rows("wali")][7:], ["msgget01"])
        self.put("", {"engine": "#!/bin/sh\nexit 0\n"})
        done = self.ltp("--minutes", "0")
        self.assertIn("the same command again runs the 7 tests", done.stdout)
        self.assertEqual((len(self.rows("wali")), len(self.rows("native"))), (8, 7))


class Devices(unittest.TestCase):
    """A test whose loop device another one has taken is run again, but not for ever, and no other test is."""

    class Runner(runs.Runner):
        def __init__(self, says):
            self.says, self.times = says, 0

        def run_once(self, test, run):
            self.times += 1
            status = 0 if self.times == 3 else 2
            return {"test": "t", "run": run, "status": status, "counts": {"TPASS": 1}}

        def output(self, row):
            return self.says

    def test_taken(self):
        runner = self.Runner("tst_device.c:249: TWARN: ioctl(/dev/loop1, LOOP_SET_FD, test_dev.img) failed: EBUSY (16)")
        self.assertTrue(runs.passed(runner.run(None, 1)))
        self.assertEqual(runner.times, 3)
        self.assertFalse(runs.passed(runner.run(None, 1)))
        self.assertEqual(runner.times, 3 + runs.TRIES)
        runner = self.Runner("ioctl(/dev/loop1, LOOP_SET_FD, test_dev.img) failed: ENOTTY (25)")
        self.assertFalse(runs.passed(runner.run(None, 1)))
        self.assertEqual(runner.times, 1)


class Chance(unittest.TestCase):
    """What passes by chance natively does not count; what passes by chance under WALI differs."""

    class Side:
        def __init__(self, folder, name, outcomes):
            self.store = runs.Store(folder / name)
            for run, status in enumerate(outcomes, 1):
                self.store.add({"test": "t", "run": run, "status": status, "problem": "", "counts": {"TPASS": 1}})

        def output(self, row):
            return "TFAIL: it"

    def compared(self, native, wali, count=2):
        test = compare.scenario.Test("t", ("t",), "")
        reason = compare.Reason("k", "a reason", ("t",))
        with tempfile.TemporaryDirectory() as folder:
            sides = [self.Side(pathlib.Path(folder), *side) for side in (("native", native), ("wali", wali))]
            return compare.compare([test], *sides, lambda test, telling: reason, count)

    def test_runs_that_disagree(self):
        self.assertEqual(len(self.compared((0, 1), (0, 0)).unsteady), 1)
        [d] = self.compared((0, 0), (0, 1)).unexplained()
        self.assertEqual(d.problem, "passes in 1 of 2 runs; else status 1, 1 TPASS")
        [d] = self.compared((0, 0), (1, 1)).differ
        self.assertEqual(d.why, "a reason")
        self.assertEqual(len(self.compared((0, 0), (0,)).missing), 1)
        self.assertEqual(self.compared((1, 1), ()).missing, [])


if __name__ == "__main__":
    unittest.main()
