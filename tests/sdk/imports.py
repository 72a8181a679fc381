#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the SDK's libraries import is what the WALI specification has, by name and type, so that the programs link with
any WALI engine: system calls as in tests/wali/spec_signatures.def, and the imports for start-up, threads and jumps.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

from sdk import ROOT, SDK, require, run, tool

# Not system calls: parameters and results.
AUXILIARY = {
    "__init": "->i", "__proc_exit": "i->", "__cl_get_argc": "->i", "__cl_get_argv_len": "i->i",
    "__cl_copy_argv": "ii->i", "__get_init_envfile": "ii->i", "__wasm_thread_spawn": "ii->i", "setjmp": "i->i",
    "sigsetjmp": "ii->i", "longjmp": "ii->",
}
LETTERS = {0x7F: "i", 0x7E: "I", 0x7D: "f", 0x7C: "F"}


class Reader:
    """The bytes of a module, as numbers and names."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def number(self):
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def take(self, size):
        self.at += size
        return self.data[self.at - size:self.at]

    def name(self):
        return self.take(self.number()).decode()

    def letters(self):
        return "".join(LETTERS.get(byte, "?") for byte in self.take(self.number()))


def function_imports(data):
    """(module, name, type) of the functions that a module or object imports."""
    reader, types = Reader(data[8:]), []
    while reader.at < len(reader.data):
        kind, section = reader.take(1)[0], Reader(reader.take(reader.number()))
        if kind == 1:
            for _ in range(section.number()):
                section.take(1)
                types.append(f"{section.letters()}->{section.letters()}")
        elif kind == 2:
            for _ in range(section.number()):
                module, name, what = section.name(), section.name(), section.take(1)[0]
                if what == 0:
                    yield module, name, types[section.number()]
                elif what == 4:  # a tag
                    section.take(1), section.number()
                else:
                    if what in (1, 3):  # a table's element type, a global's type
                        section.take(1)
                    if what == 3:
                        section.take(1)
                    else:
                        flags = section.number()
                        section.number()
                        if flags & 1:
                            section.number()


def objects(folder):
    """The objects of all libraries, and one that jumps."""
    for archive in sorted((SDK / "sysroot/lib/wasm32-linux-muslwali").glob("*.a")):
        here = folder / archive.stem
        here.mkdir()
        subprocess.run([tool("wali-ar"), "x", archive], cwd=here, check=True)
        for path in sorted(here.iterdir()):
            yield f"{archive.name}({path.name})", path.read_bytes()
    done = run([tool("wali-cc"), "-c", "-w", ROOT / "tests/sdk/programs/jumps.c", "-o", folder / "jumps.o"])
    assert done.returncode == 0, done.stderr
    yield "jumps.o", (folder / "jumps.o").read_bytes()


def specified():
    """Names of all system calls, with their parameters where the specification has them."""
    text = (ROOT / "tests/wali/spec_signatures.def").read_text()
    names = {name: None for name in re.findall(r"^[A-Z]+\((\w+),", text, re.M)}
    return names | dict(re.findall(r'^[A-Z]+\((\w+),.*"(\w*)"\)', text, re.M))


def main():
    require()
    calls, seen, found = specified(), set(), []
    with tempfile.TemporaryDirectory() as folder:
        for where, data in objects(pathlib.Path(folder)):
            for module, name, kind in function_imports(data):
                if module != "wali":
                    continue
                seen.add(name)
                if name.startswith("SYS_"):
                    params = calls.get(name[4:], "unknown")
                    wrong = params == "unknown" or params is not None and kind != f"{params}->I"
                else:
                    params, wrong = AUXILIARY.get(name, "unknown"), AUXILIARY.get(name) != kind
                if wrong:
                    found.append(f"{where}: wali.{name} has type {kind}, should have {params}")
    missing = sorted(set(AUXILIARY) - seen)
    print("\n".join(found + [f"wali.{name} is imported by nothing: this test looks in the wrong place" for name in missing]))
    print(f"{len(seen)} imports, {len(found)} wrong")
    sys.exit(1 if found or missing or len(seen) < 200 else 0)


if __name__ == "__main__":
    main()
