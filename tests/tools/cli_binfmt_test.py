# SPDX-License-Identifier: Apache-2.0
"""Modules that the kernel itself starts: registered in a binfmt_misc of a user namespace's own, so that the system's is
not touched and no rights are needed. Where the kernel has none to give (before Linux 6.7, or forbidden), what can be
tested on a stand-in folder is in cli-unit, and this test says so.

usage: cli_binfmt_test.py WALI_RUN WALI_RUN_STATIC
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from guest_compiler import MISSING, compile_module  # noqa: E402

MISC, CONFIGURATION = "/proc/sys/fs/binfmt_misc", "/etc/binfmt.d"
SYSTEMD = pathlib.Path("/usr/lib/systemd")
INSIDE = "--inside"
WALI_RUN = WALI_RUN_STATIC = MODULE = None


def sh(command):
    done = subprocess.run(command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def skip(reason):
    print(f"no private binfmt_misc: {reason.strip()}. Only the stand-in folder has been tested (cli-unit).")
    sys.exit(77)


class Binfmt(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="wali-run-binfmt-"))
        self.addCleanup(shutil.rmtree, self.folder)
        os.chmod(self.folder, 0o755)
        self.program = self.folder / "program"
        shutil.copy(MODULE, self.program)
        self.program.chmod(0o755)
        self.addCleanup(subprocess.run, [WALI_RUN, "--binfmt-remove"], stdout=subprocess.DEVNULL, check=True)

    def tool(self, option, program=None):
        done = subprocess.run([program or WALI_RUN, option], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        return done.returncode, done.stdout

    def run_program(self, *argv, **options):
        """(status, output) of the module started by the kernel, argv[0] included."""
        program = options.pop("program", self.program)
        done = subprocess.run(argv, executable=program, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                              **options)
        return done.returncode, done.stdout.decode()

    def test_install_run_remove(self):
        self.assertEqual(self.tool("--binfmt-status")[0], 1)
        with self.assertRaises(OSError):
            self.run_program("x")
        status, text = self.tool("--binfmt-install")
        self.assertEqual(status, 0, text)
        self.assertEqual(self.tool("--binfmt-status"), (0, text))
        self.assertTrue(text.startswith(f"registered:      yes\ninterpreter:     {WALI_RUN}\nflags:           POF\n"), text)
        self.assertEqual(self.run_program("any name", "args", "", "-v", "--help"), (5, "any name\nargs\n\n-v\n--help\n"))
        self.assertEqual(self.run_program("", "args"), (2, "\nargs\n"))
        self.assertEqual(self.run_program("-v", "args", env={"WALI_RUN_OPTS": "--argv0=other --env=A=1"}), (2, "-v\nargs\n"))
        self.assertEqual(self.run_program("x", "env", env={"A": "b"}), (2, "A=b\n"))
        # Once more: the old registration is replaced.
        self.assertEqual(self.tool("--binfmt-install"), (0, text))
        self.assertEqual(self.tool("--binfmt-remove"), (0, "removed\n"))
        self.assertEqual(self.tool("--binfmt-remove"), (0, "nothing was registered\n"))
        with self.assertRaises(OSError):
            self.run_program("x")

    def test_it_finds_no_descriptor_more(self):
        self.tool("--binfmt-install")
        self.assertEqual(self.run_program("x", "fds", env={}), (2, "0 1 2\n"))

    def test_a_name_like_an_option(self):
        self.tool("--binfmt-install")
        odd = self.folder / "--version"
        shutil.copy(self.program, odd)
        done = subprocess.run(["--version", "args"], executable="./--version", cwd=self.folder, stdout=subprocess.PIPE,
                              check=False)
        self.assertEqual((done.returncode, done.stdout), (2, b"--version\nargs\n"))

    def test_a_child_of_a_native_program_and_of_a_module(self):
        self.tool("--binfmt-install")
        self.assertEqual(self.run_program("x", "exec", "/bin/sh", "-c", f"exec {self.program} args"),
                         (2, f"{self.program}\nargs\n"))
        self.assertEqual(self.run_program("x", "exec", str(self.program), "args"), (2, f"{self.program}\nargs\n"))

    def test_persistence(self):
        conf = pathlib.Path(CONFIGURATION, "wali-run.conf")
        if SYSTEMD.is_dir():
            subprocess.run(["mount", "-t", "tmpfs", "none", SYSTEMD], check=True)
            self.addCleanup(subprocess.run, ["umount", SYSTEMD], check=True)
            self.assertIn("survives reboot: no: there is no systemd-binfmt here", self.tool("--binfmt-install")[1])
            self.assertFalse(conf.exists())
            (SYSTEMD / "systemd-binfmt").touch()
            self.assertIn(f"survives reboot: yes: {conf}\n", self.tool("--binfmt-install")[1])
            line = conf.read_text().splitlines()[-1]
            self.assertEqual(line, rf":wali-run:M:0:\x00asm\x01\x00\x00\x00::{WALI_RUN}:POF")
            self.assertEqual(self.tool("--binfmt-remove"), (0, "removed\n"))
            self.assertFalse(conf.exists())

    def test_another_root(self):
        """F: the interpreter is not there, and nothing else either."""
        status, text = self.tool("--binfmt-install", WALI_RUN_STATIC)
        self.assertEqual(status, 0)
        self.assertNotIn("note:", text)
        in_root = {"program": "/program", "preexec_fn": lambda: os.chroot(self.folder), "cwd": "/"}
        self.assertEqual(self.run_program("a", "args", "b", **in_root), (3, "a\nargs\nb\n"))
        self.assertEqual(self.run_program("a", "env", env={"A": "b"}, **in_root), (2, "A=b\n"))
        self.assertEqual(self.run_program("a", "exec", "/program", "args", **in_root), (2, "/program\nargs\n"))
        # The dynamic one says what it needs.
        self.assertIn("for other roots and containers build with -Dstatic=true\n", self.tool("--binfmt-install")[1])


def inside():
    for path, kind in ((MISC, "binfmt_misc"), (CONFIGURATION, "tmpfs")):
        if kind == "tmpfs" and not os.path.isdir(path):
            continue
        status, text = sh(f"mount -t {kind} none {path}")
        if status != 0:
            skip(text)
    if os.path.exists(f"{MISC}/wali-run"):
        skip("the mount shows another namespace's registrations")
    unittest.main(argv=sys.argv[:1])


def main():
    global WALI_RUN, WALI_RUN_STATIC, MODULE
    if sys.argv[1] == INSIDE:
        WALI_RUN, WALI_RUN_STATIC, MODULE = sys.argv[2:]
        return inside()
    if MISSING:
        print(MISSING)
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="wali-run-binfmt-") as folder:
        module = f"{folder}/g.wasm"
        compile_module(HERE / "wali_guest.c", module, "-ffreestanding", "-Wl,--export-memory")
        namespace = ["unshare", "--user", "--map-root-user", "--mount"]
        possible = subprocess.run([*namespace, "true"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if possible.returncode != 0:
            skip(possible.stdout)
        programs = [os.path.abspath(p) for p in sys.argv[1:3]]
        sys.exit(subprocess.run([*namespace, sys.executable, "-B", __file__, INSIDE, *programs, module], check=False).returncode)


if __name__ == "__main__":
    main()
