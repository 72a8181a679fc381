# SPDX-License-Identifier: Apache-2.0
"""Who may know whom: include directions between rooms and inside runtime/, where the preprocessor may decide, that each
lock is one that fork knows, and who maps guest memory."""
import posixpath
import re

from house import CPP, ROOT, Report, blank_comments, finish, sources, text

ROOMS = ("include", "runtime", "wali", "shims", "tools", "tests")
# Rooms whose headers a room may include, besides its own and <wasm/…>. tests/ may look inside everything.
MAY_SEE = {"include": (), "runtime": (), "wali": (), "shims": (), "tools": ("wali", "shims"),
           "examples": (), "tests": ROOMS}
# Inside runtime/ only leftwards; support/ sees nothing and is seen by all.
ORDER = ("support", "isa", "decode", "validate", "translate", "instance", "execute", "embed")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^">]+)[">]', re.M)
# A constant of the kernel that Debian 12's headers lack: #ifndef X, #define X.
NEW_CONSTANT = re.compile(r"^#ifndef (\w+)\n(?:#define \w+ [^\n]*\n)+#endif", re.M)
CONDITION = re.compile(r"^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|else)\b[^\n]*", re.M)
# The upper rooms' words have no place in the lower ones.
# Locks that fork does not know. A variable of a function that is made at its first use has one too.
LOCK = re.compile(r"\bstd::(?:(?:recursive_|timed_|recursive_timed_|shared_|shared_timed_)?mutex|once_flag|call_once)\b(?!>)|"
                  r"\bpthread_(?:mutex|rwlock|spin|once)\w*|"
                  r"^[ \t]+static (?!constexpr|constinit|inline|thread_local|_?[Aa]ssert)[^;(){}]*[=][^;]*\bnew\b", re.M)
UPPER_WORDS = re.compile(r"\b\w*(?:wali|wasi)\w*\b", re.I)


def line_of(code, match):
    return code.count("\n", 0, match.start()) + 1


def resolve(path, mark, name):
    """The repository file an include names, or None for a system header."""
    bases = [path.parent.as_posix()] if mark == '"' else []
    # What the build passes as include folders: the room itself, include/, and the root (for "wali/…", "shims/…").
    for base in bases + [path.parts[0], "include", "runtime", "wali", "shims", "tests", "."]:
        found = posixpath.normpath(posixpath.join(base, name))
        if (ROOT / found).is_file():
            return found
    return None


def forbidden(path, target):
    """Why this file may not include that one, or None."""
    room, other = path.parts[0], target.split("/")[0]
    if other == room == "runtime":
        mine, theirs = path.parts[1], target.split("/")[1]
        if mine in ORDER and theirs in ORDER and ORDER.index(theirs) > ORDER.index(mine):
            return f"{mine}/ may not know {theirs}/ (order: {' < '.join(ORDER)})"
        return f"{mine}/ may not know the rest" if mine == "support" != theirs else None
    if other == room or other == "include" or other in MAY_SEE.get(room, ()):
        return None
    return f"{room}/ may not know {other}/"


def main():
    includes = Report("include", "declare an interface in include/ or further left, and let the upper room implement it")
    conditions = Report("preprocessor", "vary by file, template or meson option; #if belongs in execute/dispatch.h and "
                        "runtime/support/")
    locks = Report("lock", "make it a wasm::ForkLock (<wasm/fork.h>), which fork takes; make what needs one before main")
    words = Report("room-words", "the runtime does not know what is built on it: say it in general terms")
    mappings = Report("mapping", "guest memory is mapped and freed in wali/address_space_host.cc alone, which keeps its "
                      "reservation whole whatever the host refuses")
    for path in sources(*CPP, ".def"):
        code = blank_comments(text(path), keep_strings=True)
        for match in INCLUDE.finditer(code):
            target = resolve(path, match[1], match[2])
            if match[2].startswith("wasm/") and match[1] == '"':
                includes.add(path, line_of(code, match), f'write <{match[2]}>, with angle brackets')
            reason = forbidden(path, target) if target else None
            if reason:
                includes.add(path, line_of(code, match), f"includes {target}: {reason}", f"{path}:{match[2]}")
        # A guest program of the tests may also be built natively, as its own twin; headers of the C library serve two
        # languages, and what programs define.
        may_decide = "guest" in path.parts or path.parts[:3] == ("tools", "sdk", "musl") or path.as_posix() == "runtime/execute/dispatch.h" or path.parts[:2] == ("runtime", "support")
        conditional = NEW_CONSTANT.sub(lambda m: "\n" * m[0].count("\n"), code)
        for match in CONDITION.finditer(conditional) if not may_decide else ():
            conditions.add(path, line_of(code, match), match[0].strip())
        for match in LOCK.finditer(code) if path.parts[0] in ("include", "runtime", "wali", "shims") else ():
            locks.add(path, line_of(code, match), match[0].strip())
        for match in UPPER_WORDS.finditer(code) if path.parts[0] in ("include", "runtime") else ():
            words.add(path, line_of(code, match), match[0], f"{path}:{match[0]}")
        if path.parts[0] == "wali" and path.name != "address_space_host.cc":
            for match in re.finditer(r"\bSYS_mmap\b", code):
                mappings.add(path, line_of(code, match), match[0])
    finish(includes, conditions, locks, words, mappings)


if __name__ == "__main__":
    main()
