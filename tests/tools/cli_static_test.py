# SPDX-License-Identifier: Apache-2.0
"""The fully static wali-run (-Dstatic=true) in a root that holds nothing but it and a module: no libraries, no /proc."""
import os
import shutil
import struct
import subprocess
import unittest

import cli_case
from cli_case import CliCase, main

CHROOT = shutil.which("chroot", path=os.environ["PATH"] + ":/usr/sbin")
PT_DYNAMIC, PT_INTERP, DT_NEEDED, ET_DYN = 2, 3, 1, 3


class Static(CliCase):
    @classmethod
    def setUpClass(cls):
        cls.build_guest()
        # By a namespace, as anybody may; by chroot, where namespaces are forbidden and we are root.
        cls.enter = [shutil.which("unshare"), "--user", "--map-root-user"]
        if subprocess.run([*cls.enter, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
            cls.enter = []
            if os.getuid() != 0:
                raise unittest.SkipTest("neither user namespaces nor root here: no other root to run in")

    def setUp(self):
        super().setUp()
        shutil.copy(self.module, self.dir)
        (self.dir / "g.wasm").chmod(0o755)
        shutil.copy(cli_case.WALI_RUN, self.dir / "wali-run")

    def in_root(self, *words, env=None):
        done = subprocess.run([*self.enter, CHROOT, self.dir, "/wali-run", *words], env=env or {}, check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return done.returncode, done.stdout, done.stderr

    def test_the_file_needs_no_other(self):
        elf = (self.dir / "wali-run").read_bytes()
        self.assertEqual(elf[:5], b"\x7fELF\x02")
        offset, = struct.unpack_from("<Q", elf, 32)
        size, count = struct.unpack_from("<HH", elf, 54)
        segments = [struct.unpack_from("<IIQQQQ", elf, offset + i * size) for i in range(count)]
        self.assertNotIn(PT_INTERP, [segment[0] for segment in segments])
        for _, _, at, _, _, length in (segment for segment in segments if segment[0] == PT_DYNAMIC):
            tags = [struct.unpack_from("<q", elf, at + i)[0] for i in range(0, length, 16)]
            self.assertNotIn(DT_NEEDED, tags)
        self.assertEqual(struct.unpack_from("<H", elf, 16)[0], ET_DYN)  # not where 32-bit addresses lead
        status, text, _ = self.in_root("--version")
        self.assertEqual(status, 0)
        self.assertIn(", fully static\n", text)

    def test_programs(self):
        path = {"PATH": os.environ["PATH"], "A": "b"}
        self.assertEqual(self.in_root("g.wasm", "args", "x y", env=path), (3, "g.wasm\nargs\nx y\n", ""))
        self.assertEqual(self.in_root("--clear-env", "--env=A=1", "/g.wasm", "env", env=path), (2, "A=1\n", ""))
        self.assertEqual(self.in_root("absent.wasm")[0], 127)

    def test_a_child_is_found_without_proc(self):
        self.assertEqual(self.in_root("g.wasm", "exec", "/g.wasm", "exec", "g.wasm", "args"), (2, "g.wasm\nargs\n", ""))
        status, text, trace = self.in_root("--strace=execve,write", "g.wasm", "exec", "/g.wasm", "cwd")
        self.assertEqual((status, text), (2, "/\n"))
        self.assertIn('execve("/g.wasm", ["/g.wasm", "cwd"]', trace)
        self.assertIn('write(1, "/", 1) = 1\n', trace)

    def test_traps(self):
        status, _, said = self.in_root("g.wasm", "divide")
        self.assertEqual(status, -8 if status < 0 else 136)
        self.assertIn("trap: integer divide by zero", said)


if __name__ == "__main__":
    main()
