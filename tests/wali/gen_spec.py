#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Facts about the system calls from outside -> spec_signatures.def, which the table is checked against.

usage: gen_spec.py FACTS.tsv > spec_signatures.def

The facts are columns of a tab-separated table made from the WALI specification (commit 3dade0a) and from published
binaries: name, numbers on three machines, and the wasm signature, or one that was observed ("obs:").
"""
import csv
import re
import sys

# Where the specification's numbers are wrong.
CORRECTIONS = {
    "getpgrp": {"arm64_nr": "-1", "rv64_nr": "-1"},  # 151 is setfsuid there; these machines have only getpgid
    "renameat": {"rv64_nr": "-1"},  # riscv64 began with renameat2
}

# What Linux has got since the specification was written; one number for all machines.
SINCE = {451: "cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr "
              "lsm_set_self_attr lsm_list_modules mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr "
              "file_getattr file_setattr listns"}


def letters(signature):
    """"(i32,i64)->(i64)" -> "iI"; None when there is no signature."""
    match = re.fullmatch(r"(?:obs:)?\(([^)]*)\)->\(i64\)", signature)
    return None if not match else "".join("I" if t == "i64" else "i" for t in match[1].split(",") if t)


def main():
    with open(sys.argv[1], encoding="utf-8") as facts:
        rows = list(csv.DictReader(facts, delimiter="\t"))
    print("// SPDX-License-Identifier: Apache-2.0")
    print("// Written by gen_spec.py. Every Linux system call the WALI specification names, with its numbers on x86-64,")
    print("// arm64 and riscv64, and for those it implements (SPEC) or that published binaries import without (SEEN) the")
    print("// wasm parameters: i = i32, I = i64. The result is always i64.")
    for row in sorted(rows, key=lambda r: int(r["x86_64_nr"])):
        row.update(CORRECTIONS.get(row["name"], {}))
        numbers = ", ".join(row[c] for c in ("x86_64_nr", "arm64_nr", "rv64_nr"))
        params = letters(row["wasm_signature"])
        if params is None:
            print(f'NAME({row["name"]}, {numbers})')
        else:
            print(f'{"SPEC" if row["implemented_in_spec"] == "1" else "SEEN"}({row["name"]}, {numbers}, "{params}")')
    for first, names in SINCE.items():
        for number, name in enumerate(names.split(), first):
            print(f"NAME({name}, {number}, {number}, {number})")


if __name__ == "__main__":
    main()
