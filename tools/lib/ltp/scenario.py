# SPDX-License-Identifier: Apache-2.0
"""Which tests LTP's scenarios name, which of them are run, and which of those only while no other runs."""

import dataclasses
import fnmatch
import pathlib
import re
import shlex
import tomllib

from . import tree

SCENARIOS = ("syscalls", "syscalls-ipc")
TABLE = pathlib.Path(__file__).with_name("scenario.toml")
# Sources that say so count or change something that all processes of the machine share.
SHARED = re.compile(r"save_restore|hugepages|needs_cgroup|/proc/sys/(?!net/)|/sys/kernel/")


@dataclasses.dataclass(frozen=True)
class Test:
    name: str
    words: tuple  # the program and its arguments
    folder: str  # of its source, below testcases/kernel/syscalls; "" where there is none of that name
    alone: bool = False


def table():
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def matches(name, patterns):
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def read(source):
    """(tests to run, {name of one left out: why}) of an exported checkout."""
    sources = {path.stem: path for path in sorted((source / tree.CALLS).rglob("*.c"))}
    rules, tests, left_out = table().get("left_out", []), {}, {}
    for scenario in SCENARIOS:
        for line in (source / "runtest" / scenario).read_text(encoding="utf-8").splitlines():
            name, *words = shlex.split(line, comments=True) or [""]
            if not words or name in tests or name in left_out:
                continue
            why = next((rule["why"] for rule in rules if matches(name, rule["tests"])), None)
            if why:
                left_out[name] = why
            else:
                tests[name] = make_test(name, words, sources, source / tree.CALLS)
    return list(tests.values()), left_out


def make_test(name, words, sources, folder):
    path = sources.get(words[0]) or sources.get(re.sub(r"_(16|64)$", "", words[0]))
    if path is None:
        return Test(name, tuple(words), "")
    alone = bool(SHARED.search(path.read_text(encoding="utf-8", errors="replace")))
    return Test(name, tuple(words), str(path.parent.relative_to(folder)), alone)
