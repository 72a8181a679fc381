# SPDX-License-Identifier: Apache-2.0
"""Builds a checkout of LTP for one side, in a folder of ours; the checkout itself is only read.

LTP's own makefiles stop at the first folder with a program that does not compile, and on either side some do not. So each
folder of tests is built by itself, and what came of it is collected afterwards.
"""

import concurrent.futures
import hashlib
import os
import pathlib
import shutil
import subprocess

from harness import cli

CALLS = "testcases/kernel/syscalls"
# What the folders of tests need: LTP's library, its smaller libraries, and the programs that its shell tests call.
FIRST = ("lib", "libs", "testcases/lib")
# Tests of that library, not of the kernel.
NOT_BUILT = ("lib/tests", "lib/newlib_tests", "testcases/lib/tests")
# The SDK comes without these libraries, so the native side does without them too.
WITHOUT = ("ac_cv_header_keyutils_h=no", "ac_cv_lib_keyutils_add_key=no", "ac_cv_header_libaio_h=no",
           "ac_cv_header_openssl_sha_h=no", "ac_cv_header_sys_acl_h=no", "ac_cv_header_sys_capability_h=no")
OPTIONS = (*WITHOUT, "--without-numa", "--without-tirpc", "--disable-metadata", "CFLAGS=-O2")


class Compiler:
    """How a side is configured, and what tells whether it must be built anew."""

    def __init__(self, side, sdk):
        self.words, self.parts = [f"CC={shutil.which('gcc') or cli.die('no gcc: apt-get install gcc libc6-dev')}"], ()
        if side == "wali":
            tools = pathlib.Path(sdk) / "bin"
            if not os.access(tools / "wali-cc", os.X_OK):
                cli.die(f"no {tools}/wali-cc: tools/sdk/install")
            names = {"CC": "cc", "AR": "ar", "RANLIB": "ranlib", "STRIP": "strip"}
            self.words = ["--host=wasm32-linux-musl", *(f"{key}={tools}/wali-{name}" for key, name in names.items())]
            self.parts = (tools, *(pathlib.Path(sdk) / "sysroot" / part for part in ("include", "lib")))

    def fingerprint(self):
        """Changes with the compiler's options and with anything that it puts into programs."""
        seen = hashlib.sha256(repr((OPTIONS, self.words)).encode())
        for folder in self.parts:
            for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.resolve().is_relative_to(folder.resolve())):
                seen.update(str(path).encode() + path.read_bytes())
        return seen.hexdigest()


def export(folder, target):
    """Copies the checkout (what it has committed, if it is Git's) to `target`, once per version; returns the version."""
    repository = (folder / ".git").exists() or ((folder / "HEAD").is_file() and (folder / "objects").is_dir())
    git = ["git", "-C", str(folder)]
    if repository:
        version = run([*git, "rev-parse", "HEAD"]).stdout.strip()
    else:
        version = hashlib.sha256(b"".join(p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file())).hexdigest()
    stamp = target / ".exported"
    if stamp.is_file() and stamp.read_text() == version:
        return version
    shutil.rmtree(target, ignore_errors=True)
    if repository:
        target.mkdir(parents=True)
        archive = subprocess.Popen([*git, "archive", "HEAD"], stdout=subprocess.PIPE)
        unpacked = subprocess.run(["tar", "-x", "-C", str(target)], stdin=archive.stdout, check=False)
        if archive.wait() or unpacked.returncode:
            cli.die(f"{folder}: its files could not be exported")
    else:
        shutil.copytree(folder, target, symlinks=True)
    run(["make", "-C", str(target), "autotools"], needs="autoconf and automake: tools/lib/install-packages ltp")
    stamp.write_text(version)
    return version


def run(words, needs="", **more):
    done = subprocess.run(words, capture_output=True, text=True, errors="backslashreplace", check=False, **more)
    if done.returncode:
        cli.die(f"{' '.join(words)} failed" + (f" (it needs {needs})" if needs else "") + f":\n{(done.stdout + done.stderr)[-3000:]}")
    return done


class Tree:
    """One side of the work folder: `tree` is the copy that is built, `root` what its tests are run from."""

    def __init__(self, work, side):
        self.source, self.home = work / "source", work / side
        self.tree, self.root = self.home / "tree", self.home / "root"
        self.programs = self.root / "testcases" / "bin"
        self.side = side

    def build(self, version, compiler, jobs):
        """Builds what is not built of this version by this compiler; returns the names of the programs."""
        stamp, wanted = self.home / "built", f"{version} {compiler.fingerprint()}\n"
        if not stamp.is_file() or stamp.read_text() != wanted:
            print(f"ltp: building the {self.side} side in {self.home}", flush=True)
            shutil.rmtree(self.home, ignore_errors=True)
            shutil.copytree(self.source, self.tree, symlinks=True)
            for part in NOT_BUILT:
                shutil.rmtree(self.tree / part, ignore_errors=True)
            run(["./configure", f"--prefix={self.root}", *OPTIONS, *compiler.words], cwd=self.tree)
            self.make(jobs)
            self.collect()
            stamp.write_text(wanted)
        return sorted(p.name for p in self.programs.iterdir())

    def make(self, jobs):
        self.programs.mkdir(parents=True)
        with open(self.home / "build.log", "wb") as log, concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            def one(folder, *words):
                subprocess.run(["make", "-k", "-C", str(self.tree / folder), *(words or ("all", "install"))],
                               stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False)
            for folder in FIRST:
                one(folder, f"-j{jobs}", "all")
                one(folder, "install")
            list(pool.map(one, self.folders()))

    def folders(self):
        """Those with tests: whose makefile does not only lead on to other folders."""
        makefiles = sorted((self.tree / CALLS).rglob("Makefile"))
        below = {above for path in makefiles for above in path.parent.parents}
        return [path.parent.relative_to(self.tree) for path in makefiles if path.parent not in below]

    def collect(self):
        """Adds the programs of folders where one that does not compile kept the others from being installed."""
        for part in (CALLS, "testcases/lib"):
            for path in (self.tree / part).rglob("*"):
                if path.is_file() and os.access(path, os.X_OK):
                    target = self.programs / path.name
                    if not target.exists():
                        shutil.copy2(path, target)
