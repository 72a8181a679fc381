#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/sdk/install: does the same again from its cache, says in one line what is missing, and tests what it installed.

usage: install.py WALI_RUN
"""
import hashlib
import os
import shutil
import sys
import unittest

import case
from case import Case
from sdk import ROOT, SDK, run

INSTALL = ROOT / "tools/sdk/install"
CACHE = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
# What the installation itself runs before it has found out whether all is there.
NEEDED = ("awk", "bash", "cat", "dirname", "env", "grep", "mktemp", "python3", "readlink", "rm", "sed", "sort", "tee", "uname", "xargs")


def tree(folder):
    """A digest of names and contents."""
    key = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        key.update(str(path.relative_to(folder)).encode())
        key.update(os.readlink(path).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b"")
    return key.hexdigest()


class Errors(Case):
    def setUp(self):
        super().setUp()
        self.bin = self.dir / "bin"
        self.bin.mkdir()
        for name in NEEDED:
            os.symlink(shutil.which(name), self.bin / name)
        self.command("dpkg-query", "echo installed")

    def command(self, name, script):
        (self.bin / name).write_text(f"#!/bin/sh\n{script}\n")
        (self.bin / name).chmod(0o755)

    def fails(self, *words, said, cache=None):
        environment = {"PATH": str(self.bin), "HOME": str(self.dir), "XDG_CACHE_HOME": str(cache or self.dir / "cache")}
        done = run([INSTALL, *words], env=environment, cwd=self.dir)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn(said, done.stderr)
        self.assertNotIn("Traceback", done.stderr)
        return done.stderr

    def all_tools(self):
        for name in ("clang-22", "clang++-22", "wasm-ld-22", "llvm-ar-22", "make", "tar", "xz", "apt-get"):
            self.command(name, "exit 1")

    def test_missing_package(self):
        self.command("dpkg-query", 'case "$*" in *lld-22*) exit 1 ;; *) echo installed ;; esac')
        self.command("apt-get", "exit 100")
        self.command("id", "echo 1000")
        said = self.fails(self.dir / "prefix", said="as root: apt-get install lld-22")
        self.assertIn("sdk: the packages it is built with cannot be installed", said)
        self.command("id", "echo 0")
        self.fails(self.dir / "prefix", said="apt-get update failed")
        self.assertFalse((self.dir / "prefix").exists())

    def test_not_debian(self):
        (self.bin / "dpkg-query").unlink()
        self.fails(self.dir / "prefix", said="this is no Debian system")

    def test_missing_tool(self):
        self.all_tools()
        for name in ("wasm-ld-22", "make"):
            (self.bin / name).unlink()
            said = self.fails(self.dir / "prefix", said=f"sdk: {name} is not installed")
            self.assertEqual(said.count("\n"), 1, said)
            self.command(name, "exit 1")

    def test_unwritable_prefix(self):
        self.all_tools()
        (self.dir / "file").write_text("")
        for prefix in ("/dev/null/prefix", self.dir / "file", self.dir / "file/below"):
            said = self.fails(prefix, said=f"sdk: cannot write to {prefix}: ")
            self.assertEqual(said.count("\n"), 1, said)
        if os.getuid() != 0:
            (self.dir / "closed").mkdir(mode=0o555)
            self.fails(self.dir / "closed", said="Permission denied")

    def test_unwritable_cache(self):
        self.all_tools()
        said = self.fails(self.dir / "prefix", cache="/dev/null/cache", said="sdk: cannot write to the cache /dev/null/cache")
        self.assertEqual(said.count("\n"), 1, said)

    def test_wrong_option(self):
        self.assertIn("unrecognized arguments: --prefix", run([INSTALL, "--prefix", "x", "y"]).stderr)


class Again(Case):
    @unittest.skipUnless(os.path.isdir(f"{CACHE}/wali-sdk/built"), "nothing is in the cache")
    def test_same_from_the_cache(self):
        prefix, trees, said = self.dir / "a/prefix", [], ""
        for _ in range(2):  # the first fills the cache, if the sources have changed since
            done = run([INSTALL, prefix], timeout=600)
            self.assertEqual(done.returncode, 0, done.stderr)
            said = done.stdout
            trees.append(tree(prefix))
        for what in ("libc: from the cache", "libc++: from the cache", "self-test: data model, C and C++ programs"):
            self.assertIn(what, said)
        self.assertEqual(*trees)
        done = run([prefix / "bin/wali-cc", "-DVALUE=6", "hello.c", "-o", "hello"], cwd=self.dir)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.outcome("hello"), (6, "hello\n", ""))


class SelfTest(Case):
    """The self-test finds what is wrong."""

    def test_types(self):
        model = ROOT / "tools/sdk/selftest/model.c"
        self.cc("-fsyntax-only", model)
        other = run(["clang-22", "--target=wasm32-wasip1", "-fsyntax-only", "-ferror-limit=0", "-isystem", SDK / "sysroot/include", model])
        self.assertIn("size of long", other.stderr)
        self.assertIn("offset of struct stat", other.stderr)

    def test_preprocessor(self):
        """A compiler whose preprocessor knows another system than its types are for."""
        (self.dir / "bin").mkdir()
        for name in ("wali-cc", "wali-c++"):
            (self.dir / "bin" / name).write_text('#!/bin/sh\nexec clang-22 --target=wasm32-wasip1 "$@"\n')
            (self.dir / "bin" / name).chmod(0o755)
        script = "import pathlib, selftest; selftest.check(pathlib.Path('.'))"
        done = run([sys.executable, "-B", "-c", script], cwd=self.dir,
                   env=os.environ | {"PYTHONPATH": str(ROOT / "tools/sdk/lib")})
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"^sdk: self-test: bin/wali-cc -E has __SIZEOF_LONG__ 4, not 8\n$")


if __name__ == "__main__":
    case.main()
