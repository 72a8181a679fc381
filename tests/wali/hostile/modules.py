#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Attacks by what a module is, where those of attack_*.c are by what a program does: each is a module made by hand.

usage: modules.py [--weak] WALI_RUN

Each runs where it can do no harm, as hostile.py has it. It is contained when the runtime ends as it says here; with --weak,
for a WALI_RUN without its defences, none of them may be.
"""
import dataclasses
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import typing

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "support"))
from wasm_bytes import (DROP, END, EXNREF, FUNCREF, I32, I32_ADD, I64, UNREACHABLE, VOID, Module, access, call, i32,  # noqa: E402
                        i64, local, op, pages, set_local, uleb, vec)
from hostile import HOST_TROUBLE, NAMESPACES, NOBODY, SKIPPED, without_rights  # noqa: E402

SECONDS = 60
NOT_RUNNABLE = 126
WRAP = op("i32.wrap_i64")
TRY_TABLE, CATCH, CATCH_ALL_REF = op("try_table"), b"\x00", b"\x03"
OWN_FILE = b"/proc/self/exe\0"
READ_WRITE = 2


def padded(number, size):
    """A number of always that many bytes."""
    return bytes((number >> 7 * i & 0x7F) | (0x80 if i < size - 1 else 0) for i in range(size))


@dataclasses.dataclass
class Ended:
    status: int
    out: bytes
    said: str


@dataclasses.dataclass
class Attack:
    name: str
    module: bytes
    contained: typing.Callable[[Ended], bool]


ATTACKS = []


def attack(contained):
    """The decorated function makes the module, or several, each with a name."""
    def add(make):
        made = make()
        title = make.__name__.replace("_", " ")
        for part, module in made.items() if isinstance(made, dict) else {"": made}.items():
            ATTACKS.append(Attack(f"{title} {part}".strip(), module.bytes() if isinstance(module, Module) else module, contained))
        return make
    return add


def refused(text):
    """In one line, before any of its code runs."""
    return lambda e: e.status == NOT_RUNNABLE and text in e.said and e.said.count("\n") == 1 and not e.out


def ends(status, out=b""):
    return lambda e: e.status == status and e.out == out


def traps(text):
    return lambda e: f"trap: {text}" in e.said


# ---- what the runtime takes from a module -------------------------------------------------------------------------

def starting_with(which, kinds, memory=None, results="I"):
    """A module whose start function makes the call."""
    m = Module()
    number = m.syscall(which, kinds, results)
    m.memory = memory
    m.start = m.func([], [], b"".join(i32(64) if k == "i" else i64(0) for k in kinds) + call(number) + DROP + END)
    m.func([], [], END, export="_start")
    return m


@attack(refused("a WALI module needs a memory"))
def no_memory_for():
    calls = {"getpid": "", "write": "iii", "uname": "i", "rt_sigaction": "iiii", "mmap": "iiiiiI", "set_robust_list": "ii",
             "readv": "iii", "fork": ""}
    return {which: starting_with(which, kinds) for which, kinds in calls.items()}


@attack(ends(7))
def a_start_function_that_leaves_a_list_and():
    made = {}
    for how in ("exit", "exit_group"):
        m = Module()
        robust, leave = m.syscall("set_robust_list", "ii"), m.syscall(how, "i")
        m.memory = pages(1)
        m.start = m.func([], [], i32(64) + i32(24) + call(robust) + DROP + i32(7) + call(leave) + DROP + END)
        m.func([], [], END, export="_start")
        made[how] = m
    return made


def with_exception_in_table(then):
    """Table 0 holds an exception at 1."""
    m = Module()
    spawn = m.import_func("wali", "__wasm_thread_spawn", [I32, I32], [I32])
    action, kill, tid = m.syscall("rt_sigaction", "iiii"), m.syscall("tkill", "ii"), m.syscall("gettid", "")
    m.memory = pages(1)
    m.add_table(EXNREF, 4)
    m.add_global(I32, 1, i32(4096), export="__stack_pointer")
    tag = m.add_tag([I64] * 4)
    thrower = m.func([], [], i64(0x4141414141414141) * 4 + op("throw", tag) + END)
    code = i32(1) + op("block", bytes([EXNREF])) + TRY_TABLE + VOID + vec([CATCH_ALL_REF + b"\x00"]) + call(thrower) + END + UNREACHABLE + END + op("table.set", 0)
    m.data.append((256, (1).to_bytes(4, "little") + bytes(20)))
    if then == "thread":
        code += i32(1) + i32(0) + call(spawn) + DROP
    else:
        code += i32(10) + i32(256) + i32(0) + i32(8) + call(action) + DROP + call(tid) + WRAP + i32(10) + call(kill) + DROP
    m.func([], [], code + END, export="_start")
    return m


@attack(traps("undefined element"))
def an_exception_as_the_function_of_a():
    return {"thread": with_exception_in_table("thread"), "signal": with_exception_in_table("signal")}


@attack(refused("the global __stack_pointer is no mutable i32"))
def a_stack_pointer_that():
    made = {}
    for what, (kind, mutable, init) in {"is a function": (FUNCREF, 1, op("ref.func", 1)), "is constant": (I32, 0, i32(4096)),
                                        "is wide": (I64, 1, i64(4096))}.items():
        m = Module()
        jump = m.import_func("wali", "setjmp", [I32], [I32])
        m.memory = pages(1)
        m.add_global(kind, mutable, init, export="__stack_pointer")
        m.func([], [], END)
        m.func([], [], i32(1024) + call(jump) + DROP + END, export="_start")
        made[what] = m
    return made


# ---- results -------------------------------------------------------------------------------------------------------

@attack(lambda e: e.status == 0 and e.out == (-38).to_bytes(8, "little", signed=True) + bytes(len(e.out) - 8) and len(e.out) >= 128)
def more_results_than_there_are_of():
    made = {}
    for which, count in (("nosuch", 16), ("nosuch", 100), ("ptrace", 16)):
        m = Module()
        write, wanted = m.syscall("write", "iii"), m.import_func("wali", "SYS_" + which, [], [I64] * count)
        m.memory = pages(1)
        # Frames of calls that are over, where the results come to lie.
        deep = m.func([I64] * 8, [I64], b"".join(local(k) for k in range(8)) + op("i64.add") * 7 + END)
        code = b"".join(i64(-1) for _ in range(8)) + call(deep) + DROP
        code += call(wanted) + b"".join(set_local(k) for k in reversed(range(count)))
        code += b"".join(i32(1024 + 8 * k) + local(k) + access("i64.store") for k in range(count))
        code += i32(1) + i32(1024) + i32(8 * count) + call(write) + DROP
        m.func([], [], code + END, export="_start", locals_=[I64] * count)
        made[f"{which} {count}"] = m
    return made


# ---- the module's own file ----------------------------------------------------------------------------------------

@attack(ends(0))
def a_constant_expression_rewritten():
    m = Module()
    opens, write_at = m.syscall("open", "iii"), m.syscall("pwrite64", "iiiI")
    m.add_table(FUNCREF, 4)
    m.memory = pages(1)
    number = m.add_global(I64, 1, i64(0x4141414141414141))
    nothing = m.func([], [], END)
    before, after = op("ref.func") + padded(nothing, 5) + END, op("global.get") + padded(number, 5) + END
    segment = b"\x05" + bytes([FUNCREF]) + uleb(1)  # passive
    m.element_segments.append(segment + before)
    m.data += [(64, OWN_FILE), (128, after)]
    place = op("i64.const") + padded(0x7777777777 | 1 << 62, 9) + b"\0"
    code = i32(64) + i32(READ_WRITE) + i32(0) + call(opens) + WRAP + i32(128) + i32(len(after)) + place + call(write_at) + DROP
    code += i32(1) + i32(0) + i32(1) + op("table.init", 0, 0) + i32(1) + op("call_indirect", m.type([], []), 0)
    m.func([], [], code + END, export="_start")
    raw = m.bytes()
    at = raw.index(segment + before) + len(segment)
    return raw.replace(place, op("i64.const") + padded(at, 10))


def truncating(m, opens, truncate):
    return i32(64) + i32(READ_WRITE) + i32(0) + call(opens) + WRAP + i64(0) + call(truncate) + DROP


@attack(ends(0))
def a_file_truncated_before():
    made = {}
    for what in ("a call", "a segment is used"):
        m = Module()
        opens, truncate = m.syscall("open", "iii"), m.syscall("ftruncate", "iI")
        m.memory = pages(1)
        if what == "a call":
            m.data.append((64, OWN_FILE))
            m.func([], [], op("nop") * 20000 + END)
            late = m.func([], [], op("nop") * 3000 + END)
            then = call(late)
        else:
            m.data_segments += [b"\x00" + i32(64) + END + uleb(len(OWN_FILE)) + OWN_FILE, b"\x01" + uleb(20000) + b"x" * 20000]
            then = i32(1000) + i32(9000) + i32(5000) + op("memory.init", 1, 0)
        m.func([], [], truncating(m, opens, truncate) + then + END, export="_start")
        made[what] = m
    return made


@attack(lambda e: "trap: unreachable" in e.said and "A" * 100 in e.said)
def a_file_truncated_before_a_name_is_printed():
    m = Module()
    opens, truncate = m.syscall("open", "iii"), m.syscall("ftruncate", "iI")
    m.memory = pages(1)
    m.data.append((64, OWN_FILE))
    m.func([], [], truncating(m, opens, truncate) + UNREACHABLE + END, export="_start", called="A" * 59990)
    return m


@attack(lambda e: e.status == 0)
def a_body_rewritten_before_its_call():
    """It would return through a number; what is called is what was validated."""
    m = Module()
    opens, write_at, leave = m.syscall("open", "iii"), m.syscall("pwrite64", "iiiI"), m.syscall("exit_group", "i")
    m.memory = pages(1)
    mark = i32(0x1234567) + DROP
    late = m.func([], [], mark + op("nop") * 9000 + END)
    after = i32(99) + call(leave) + DROP
    m.data += [(64, OWN_FILE), (128, after)]
    place = op("i64.const") + padded(0x7777777777 | 1 << 62, 9) + b"\0"
    code = i32(64) + i32(READ_WRITE) + i32(0) + call(opens) + WRAP + i32(128) + i32(len(after)) + place + call(write_at) + DROP
    m.func([], [], code + call(late) + END, export="_start")
    raw = m.bytes()
    return raw.replace(place, op("i64.const") + padded(raw.index(mark), 10))


# ---- exceptions ----------------------------------------------------------------------------------------------------

@attack(ends(111))
def an_exception_whose_maker_has_forgotten_it():
    """One thread makes it, another takes it out of a table, the first empties the table and makes thousands."""
    m = Module()
    spawn, leave = m.import_func("wali", "__wasm_thread_spawn", [I32, I32], [I32]), m.syscall("exit_group", "i")
    load, store = access("i32.atomic.load"), access("i32.atomic.store")
    m.memory = pages(1, 4, shared=True)
    m.add_table(FUNCREF, 2)
    m.add_table(EXNREF, 1)
    tag = m.add_tag([I32])

    def thrown(value):
        return i32(value) + op("throw", tag)

    def caught(value):
        return op("block", bytes([EXNREF])) + TRY_TABLE + VOID + vec([CATCH_ALL_REF + b"\x00"]) + thrown(value) + END + UNREACHABLE + END

    def wait_for(value):
        return op("loop", VOID) + i32(16) + load + i32(value) + op("i32.ne") + op("br_if", 0) + END

    make = m.func([], [], i32(0) + caught(111) + op("table.set", 1) + END)
    wipe = m.func([], [], b"".join(i64(k + 1) + set_local(k) for k in range(200)) + END, locals_=[I64] * 200)
    churn = m.func([], [], caught(222) + DROP + END)
    thread = m.func([I32, I32], [], i32(0) + op("table.get", 1) + set_local(2) + i32(16) + i32(1) + store + wait_for(2)
                    + op("block", bytes([I32])) + TRY_TABLE + VOID + vec([CATCH + uleb(tag) + b"\x00"]) + local(2) + op("throw_ref") + END
                    + UNREACHABLE + END + call(leave) + DROP + END, locals_=[EXNREF])
    m.active_element(1, [thread])
    m.func([], [], call(make) + call(wipe) + i32(1) + i32(0) + call(spawn) + DROP + wait_for(1)
           + i32(0) + op("ref.null", bytes([EXNREF])) + op("table.set", 1) + call(wipe)
           + op("loop", VOID) + call(churn) + local(0) + i32(1) + I32_ADD + op("local.tee", 0) + i32(6000) + op("i32.lt_u") + op("br_if", 0) + END
           + i32(16) + i32(2) + store + op("loop", VOID) + op("br", 0) + END + END, export="_start", locals_=[I32])
    return m


# ---- names ---------------------------------------------------------------------------------------------------------

def plain(e):
    lines = e.said.splitlines()
    return e.status == NOT_RUNNABLE and len(lines) == 1 and len(e.said) < 2000 and not re.search("[\u200b-\u200f\u2028-\u202e\u2066-\u2069]", e.said)


@attack(plain)
def a_name_that():
    made = {}
    for what, text in {"is endless": "x" * 2_000_000, "turns the line": "abc\u202edef"}.items():
        m = Module()
        m.import_func("env", text, [])
        m.memory = pages(1)
        m.func([], [], END, export="_start")
        made[what] = m
    return made


# ---- running them --------------------------------------------------------------------------------------------------

def run(wali_run, folder, module):
    work = pathlib.Path(folder) / "work"
    work.mkdir()
    path = work / "attack.wasm"
    path.write_bytes(module)
    if os.getuid() == 0:  # the file is its own
        for what in (work, path):
            os.chown(what, NOBODY, NOBODY)
    done = subprocess.run([*NAMESPACES, wali_run, "./attack.wasm"], cwd=work, env={"PATH": "/usr/bin:/bin"},
                          preexec_fn=without_rights(False), stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False)
    return Ended(done.returncode, done.stdout, done.stderr.decode(errors="backslashreplace"))


def main():
    words = [w for w in sys.argv[1:] if w != "--weak"]
    weak = "--weak" in sys.argv[1:]
    wrong = []
    with tempfile.TemporaryDirectory() as top:
        os.chmod(top, 0o755)
        wali_run = shutil.copy(words[0], top)
        tried = subprocess.run([*NAMESPACES, "true"], cwd=top, preexec_fn=without_rights(False), capture_output=True, check=False)
        if tried.returncode != 0:
            print("skipped: no user namespace without rights can be had here")
            sys.exit(SKIPPED)
        for number, a in enumerate(ATTACKS):
            folder = os.path.join(top, str(number))
            os.mkdir(folder, 0o755)
            os.chmod(folder, 0o755)
            ended = run(wali_run, folder, a.module)
            contained = a.contained(ended) and not any(word in ended.said for word in HOST_TROUBLE)
            if contained == weak:
                wrong.append(a.name)
                print(f"{a.name}: status {ended.status}, {len(ended.out)} bytes {ended.out[:40]!r}\n{ended.said[:1000]}")
    print(f"modules: {len(ATTACKS)} attacks, {len(wrong)} {'in vain' if weak else 'not contained'}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
