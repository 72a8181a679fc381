# SPDX-License-Identifier: Apache-2.0
"""One fact in one place: only runtime/isa/wasm_ops.def lists opcodes, only wali/syscalls.def lists syscalls.

A heuristic: a file that names many of them is probably a list of its own. What a special instruction needs (the
validator's and translator's visits, the decoder's immediates) stays below the limits.
"""
import re

from house import Report, blank_comments, finish, sources, text

OPS, CALLS = "runtime/isa/wasm_ops.def", "wali/syscalls.def"
# Distinct names a file may mention. Opcodes whose signature is "special" are not counted: each needs code of its own.
MAX_OPS, MAX_CALLS = 30, 30


def op_names():
    """Enumerators and texts of the opcodes that a table row describes completely."""
    rows = re.findall(r'^OP\((\w+),\s*"([^"]+)",\s*\w+,\s*\w+,\s*\w+,\s*(\w+)', text(OPS), re.M)
    return {name: identifier for identifier, name, signature in rows if signature != "special"}


def call_names():
    return set(re.findall(r"^[A-Z]+\((\w+),\s*\d+", text(CALLS) or "", re.M))


def main():
    ops, calls = op_names(), call_names()
    assert len(ops) > 100 and len(calls) > 100, "the tables have moved: tell tests/house/lists.py how to read them"
    op_lists = Report("opcode-list", f"derive it from {OPS} (a column, or a template over the rows)")
    call_lists = Report("syscall-list", f"derive it from {CALLS}")
    for path in sources():
        if path.as_posix() in (OPS, CALLS):
            continue
        code = text(path)
        if path.suffix in (".cc", ".h", ".c", ".def"):
            code = blank_comments(code, keep_strings=True)
        words, quoted = set(re.findall(r"\w+", code)), set(re.findall(r"[\"']([\w.]+)[\"']", code))
        named = {i for name, i in ops.items() if i in words or (name in quoted and "." in name)}
        if len(named) > MAX_OPS:
            op_lists.add(path, 1, f"names {len(named)} opcodes ({', '.join(sorted(named)[:4])}, …)")
        prefixed = {w.partition("_")[2] for w in words if w.startswith(("SYS_", "NR_"))} | \
            {w[5:] for w in words if w.startswith("__NR_")}
        rows = set(re.findall(r"^\s*[A-Z]\w*\((\w+),", code, re.M)) | {q.removeprefix("SYS_") for q in quoted}
        named = calls & (prefixed | rows)
        is_guest = path.parts[0] == "tests" and path.suffix == ".c"  # a program that makes the calls it tests
        if len(named) > MAX_CALLS and not is_guest:
            call_lists.add(path, 1, f"names {len(named)} syscalls ({', '.join(sorted(named)[:4])}, …)")
    finish(op_lists, call_lists)


if __name__ == "__main__":
    main()
