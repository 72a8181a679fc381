#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the calls that sweep.c makes: every row of wali/syscalls.def that takes a pointer, and every command of
wali/options.def that does.

usage: sweep_table.py SYSCALLS.DEF OPTIONS.DEF WORDS.DEF [--all]

--all: every call that does not end, copy or stop the process, for random_calls.c of tests/fuzz. The role of each argument is a letter: f descriptor, d directory, s path or string, p pointer, n number of bytes or of
elements, z size of a structure, k process or thread, v anything else, whose value follows.
"""
import re
import sys

ROLES = {"Fd": "f", "DirFd": "d", "Path": "s", "String": "s", "GuestAddress": "p", "FdSets": "nppp", "PollFds": "pn",
         "ArgumentVector": "p", "EnvironmentVector": "p", "CommandAddress": "p", "OptionIn": "pz", "OptionOut": "pp",
         "BytesIn": "pn", "BytesOut": "pn", "SockAddrIn": "pn", "SockAddrOut": "pp", "Size": "z",
         **dict.fromkeys(("Offset", "ULong", "VarArg", "NewFd"), "v")}
TEMPLATES = {"In": "p", "Out": "p", "InOut": "p", "InAt": "p", "OutAt": "p", "InOutAt": "p", "ArrayIn": "pn",
             "ArrayOut": "pn", "ArrayInAt": "pn", "ArrayOutAt": "pn", "ArrayInOutAt": "pn", "CountedIn": "np",
             "CountedOut": "np"}
# Values with which a call comes as far as its pointers, and does nothing when it succeeds.
VALUES = {"Resource": 4, "ItimerWhich": 1, "SignalNr": 10, "EpollOp": 1, "SocketLevel": 1, "SocketOption": 2,
          "SocketDomain": 1, "SocketType": 1}
LEFT_OUT = {
    **dict.fromkeys("mmap munmap mremap remap_file_pages brk mprotect madvise msync mlock mlock2 munlock mincore".split(),
                    "addresses that nobody follows; where mappings lie differs"),
    "io_setup": "natively the kernel maps something, and may do it where nothing is to be",
    "set_robust_list": "kept by us; the structure has another size natively",
    "get_robust_list": "the same",
    "rt_sigreturn": "no twin: natively it ends the process",
    "FS_IOC_SETFLAGS": "whether ext4 can depends on what it has written to the disk meanwhile",
    "fcntl": "by command", "ioctl": "by command", "prctl": "by command",
    **dict.fromkeys("setxattrat getxattrat".split(),
                    "of a structure that cannot be read to its end, the kernel may see first that it does not know it"),
    "clone": "makes processes", "clone3": "the same",
    "semctl": "by command, on a set", "msgctl": "by command, on a queue",
}
# Not among random calls.
NOT_RANDOM = {
    **dict.fromkeys("exit exit_group fork vfork clone clone3 execve execveat rt_sigreturn".split(), "the series would end or double"),
    **dict.fromkeys("sync syncfs vhangup reboot".split(), "others would feel it"),
    **dict.fromkeys("close_range dup2 dup3".split(), "what the runtime says must be heard"),
}


def roles_of(kinds):
    roles, values = "", []
    for kind in re.findall(r"\w+(?:<\w+>)?", kinds):
        letters = ROLES.get(kind) or TEMPLATES.get(kind.partition("<")[0] if "<" in kind else "")
        if letters is None:
            sys.exit(f"sweep_table.py: which arguments are a {kind}?")
        roles += letters
        values += [VALUES.get(kind, 0)] * len(letters)
    return roles, values


def rows(text, everything):
    for form, name, rest in re.findall(r"^(DIRECT|CUSTOM)\((\w+),(.*)\)$", text, re.M):
        kinds = rest.split(",", 5)[5] if rest.count(",") >= 5 else ""
        roles, values = roles_of(kinds)
        if name == "mount":
            roles = "sssvv"  # of its last argument, the kernel copies what can be read of a page: as a text, we do not
        wanted = name not in NOT_RANDOM if everything else name not in LEFT_OUT and set(roles) & set("ps")
        if wanted:
            yield name, name, roles, values


def commands(text, everything):
    for form, name, value, argument in re.findall(r"^(FCNTL|IOCTL|PRCTL)\((\w+), (\w+), (\w+),", text, re.M):
        if not everything and (argument not in ("In", "Out", "InOut") or name in LEFT_OUT):
            continue
        if form == "PRCTL":
            yield "prctl", name, "vpvvv", [int(value, 0), 0, 0, 0, 0]
        else:
            yield form.lower(), name, "fvp", [0, int(value, 0), 0]


def main():
    texts = [open(path, encoding="utf-8").read() for path in sys.argv[1:4]]
    everything = "--all" in sys.argv
    ROLES.update(dict.fromkeys(re.findall(r"^WORD\((\w+)", texts[2], re.M), "v"))
    if everything:
        ROLES["Pid"] = "k"
    found = [*rows(texts[0], everything), *commands(texts[1], everything)]
    print("// Written by sweep_table.py.")
    for call in sorted({call for call, *_ in found}):
        count = max(len(roles) for name, _, roles, _ in found if name == call)
        print(f"static i64 do_{call}(const i64* a) {{ return sys_{call}({', '.join(f'a[{i}]' for i in range(count))}); }}")
    print("static const struct sweep_call sweep_calls[] = {")
    for call, name, roles, values in found:
        print(f'    {{"{name}", do_{call}, "{roles}", {{{", ".join(map(str, values))}}}}},')
    print("};")


if __name__ == "__main__":
    main()
