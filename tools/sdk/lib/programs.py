# SPDX-License-Identifier: Apache-2.0
"""Programs of others: their recipes (programs/NAME.toml), and how one is built for this machine and with the SDK.

A built tree is kept in build/apps/work/NAME-SIDE until recipe, source or SDK change. What is linked with the SDK begins with
a "#!" line that names wali-run, so scripts and test suites run it like any program.
"""
import contextlib
import dataclasses
import fcntl
import os
import pathlib
import shutil
import subprocess
import time
import tomllib

from base import CACHE, ROOT, SDK, cache_locked, die, digest, say
from sources import Source

FOLDER = SDK / "programs"
OUTPUT = ROOT / "build/apps"
SIDES = ("native", "wali")
PREFIX = pathlib.Path(os.environ.get("WALI_SDK") or ROOT / "build/sdk")


@dataclasses.dataclass(frozen=True)
class Recipe:
    name: str
    title: str
    version: str
    build: str  # for /bin/sh -e, in the unpacked source; the variables are those of environment()
    programs: dict  # name of a program -> where the build leaves it
    suites: list  # what programs_test.py runs
    package: str = ""  # Debian's source package; without it the source is a folder beside the recipe
    archive: str = ""
    sha256: str = ""
    members: list = dataclasses.field(default_factory=list)  # what to unpack of the archive, if not everything
    needs: list = dataclasses.field(default_factory=list)  # recipes that are built first: $NAME is the built tree of `name`
    prepare: str = ""  # like build, once for both sides
    reasons: list = dataclasses.field(default_factory=list)  # tests that pass natively only, and why
    sample: str = ""  # a script of ours, in programs/samples
    run: str = ""  # the line that runs it, in the folder of the program
    quick: bool = False  # built and tested in seconds: part of the usual tests

    def source(self):
        """The unpacked source."""
        if not self.package:
            return FOLDER / self.name
        with cache_locked():
            return Source(self.package, self.archive, self.sha256, tuple(self.members)).folder()


def load():
    recipes = {}
    for path in sorted(FOLDER.glob("*.toml")):
        try:
            recipes[path.stem] = Recipe(path.stem, **tomllib.loads(path.read_text()))
        except (tomllib.TOMLDecodeError, TypeError) as error:
            die(f"{path}: {error}")
    for recipe in recipes.values():
        for name in recipe.needs:
            if name not in recipes:
                die(f"{recipe.name}.toml needs '{name}', which is no recipe")
    return recipes


def engine(path):
    path = (path or ROOT / "build/release/tools/wali-run").absolute()
    if not os.access(path, os.X_OK):
        die(f"{path} is not there: run tools/demo or tools/test, or name one with --engine")
    return path


def installed():
    return (PREFIX / "bin/wali-cc").is_file()


def check_sdk():
    if not installed():
        die(f"{PREFIX} is no installed SDK: run tools/sdk/install, or name one in WALI_SDK")


def environment(side, engine_path):
    """What build scripts find: compilers, and what an autoconf configure is told. A program of either side can run."""
    env = {"PATH": f"{PREFIX}/bin:{os.environ['PATH']}", "HOME": os.environ.get("HOME", "/"), "LC_ALL": "C", "SIDE": side,
           "JOBS": str(os.cpu_count() or 1)}
    if side == "native":
        return env | {"CC": "clang-22", "CXX": "clang++-22", "AR": "ar", "RANLIB": "ranlib", "CONFIGURE": "--disable-nls"}
    return env | {"CC": "wali-cc", "CXX": "wali-c++", "AR": "wali-ar", "RANLIB": "wali-ranlib",
                  "CONFIGURE": "--disable-nls --build=wasm32-linux-musl", "WALI_CC_SHEBANG": str(engine_path)}


def script(text, folder, env, what, verbose):
    """Runs a part of a recipe; ends with the last of what it said if that fails."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder.parent / f"{folder.name}.log"
    with open(log, "ab") as out:
        done = subprocess.run(["/bin/sh", "-e", *(["-x"] if verbose else []), "-c", text], cwd=folder, env=env, check=False,
                              stdin=subprocess.DEVNULL, stdout=None if verbose else out,
                              stderr=None if verbose else subprocess.STDOUT)
    if done.returncode != 0:
        if not verbose:
            print("\n".join(log.read_text(errors="replace").splitlines()[-25:]))
        die(f"{what} failed ({'above' if verbose else log})")


def fresh(folder, key):
    """Whether `folder` is not what `key` stands for; then it is removed."""
    stamp = folder.parent / f"{folder.name}.key"
    if folder.is_dir() and stamp.is_file() and stamp.read_text() == key:
        return False
    for path in (stamp, folder.parent / f"{folder.name}.log"):
        path.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    return True


@contextlib.contextmanager
def alone(folder):
    """One process at a time works on a tree."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.parent / f"{folder.name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def prepared(recipe, verbose):
    """The source with what `prepare` does to it: generated files that both sides need."""
    if not recipe.prepare:
        return recipe.source()
    key = digest(recipe.sha256, recipe.prepare)
    folder = OUTPUT / "work" / f"{recipe.name}-source"
    with alone(folder):
        if fresh(folder, key):
            say(f"{recipe.name}: preparing the source")
            shutil.copytree(recipe.source(), folder, symlinks=True)
            env = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "LC_ALL": "C",
                   "DOWNLOADS": str(CACHE / "downloads"), "JOBS": str(os.cpu_count() or 1)}
            script(recipe.prepare, folder, env, f"{recipe.name}: preparing the source", verbose)
            (folder.parent / f"{folder.name}.key").write_text(key)
    return folder


def built(recipe, side, engine_path, verbose):
    """The tree in which the program was built for that side."""
    sdk = [PREFIX / "bin/wali-cc", *sorted((PREFIX / "sysroot/lib").rglob("lib*.a"))] if side == "wali" else []
    own = [] if recipe.package else [recipe.source()]
    trees = {name: built(load()[name], side, engine_path, verbose) for name in recipe.needs}
    keys = [(tree.parent / f"{tree.name}.key").read_text() for tree in trees.values()]
    key = digest(recipe.sha256, recipe.prepare, recipe.build, environment(side, engine_path)["CONFIGURE"],
                 str(engine_path) if side == "wali" else "", *sdk, *own, *keys)
    env = environment(side, engine_path) | {name.upper(): str(tree) for name, tree in trees.items()}
    folder = OUTPUT / "work" / f"{recipe.name}-{side}"
    with alone(folder):
        if fresh(folder, key):
            begin = time.monotonic()
            shutil.copytree(prepared(recipe, verbose), folder, symlinks=True)
            script(recipe.build, folder, env, f"{recipe.name}: building ({side})", verbose)
            for name, path in recipe.programs.items():
                if not (folder / path).is_file():
                    die(f"{recipe.name}: the build left no {path} ({name})")
            (folder.parent / f"{folder.name}.key").write_text(key)
            say(f"{recipe.name}: built ({side}) in {time.monotonic() - begin:.0f} s")
    return folder


def module(path):
    """The bytes of a linked program without its first line."""
    data = path.read_bytes()
    return data[data.index(b"\n") + 1:] if data.startswith(b"#!") else data


def leave(recipe, engine_path, verbose):
    """Programs as modules, sample and run line, in a folder of their own."""
    tree = built(recipe, "wali", engine_path, verbose)
    folder = OUTPUT / recipe.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, path in recipe.programs.items():
        (folder / f"{name}.wasm").write_bytes(module(tree / path))
    if recipe.sample:
        shutil.copy(FOLDER / "samples" / recipe.sample, folder)
    if recipe.run:
        (folder / "RUN").write_text(recipe.run + "\n")
    return folder
