# SPDX-License-Identifier: Apache-2.0
"""Looks at the machine code of representative hot handlers: none may touch the native stack or call, each must end in a
jump to the next handler, and none may grow: the numbers are what they have, and one instruction for the compiler's moods.

usage: handlers.py WALI_RUN
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77
PLACES = ("slot", "acc", "r1", "r2", "r3", "mem", "imm", "imm16")
# Family, operation, places of its operands (destination first), instructions at most. A family without an operation is
# written as it is.
HANDLERS = (
    ("IntBinary", "i32.add", "slot slot slot", 10),
    ("IntBinary", "i32.add", "acc acc r1", 5),
    ("IntBinary", "i32.add", "r1 r1 imm16", 5),
    ("IntBinary", "i64.xor", "acc slot acc", 6),
    ("IntBinary", "i32.mul", "acc acc slot", 6),
    ("FloatBinary", "f64.mul", "acc acc r1", 5),
    ("FloatBinary", "f64.add", "slot slot slot", 10),
    ("LoadBody", "i32.load", "acc slot", 9),
    ("LoadBody", "i32.load8_u", "acc r1", 8),
    ("StoreBody", "i32.store", "slot slot", 11),
    ("IntBranch", "i32.lt_s", "slot slot", 19),
    ("IntBranch", "i32.lt_s", "r1 imm16", 16),
    ("Return<unsigned long, {}>", "", "acc", 6),
    ("Call<0u>", "", "", 13),
    ("Enter<0u>", "", "", 22),
    ("BrTable<{}>", "", "slot", 15),
)


def op_numbers():
    table = (ROOT / "runtime/isa/wasm_ops.def").read_text(encoding="utf-8")
    return {text: number for number, text in enumerate(re.findall(r'^OP\(\w+,\s*"([^"]+)"', table, re.M))}


def wanted(family, op, places, numbers):
    """The handler's name, as a demangler writes it, without spaces and namespaces."""
    locations = [f"(Loc){PLACES.index(place)}" for place in places.split()]
    if op:
        return f"{family}<{','.join([f'(Op){numbers[op]}', *locations])}>"
    return family.format(*locations).replace(" ", "")


def symbols(program):
    listed = subprocess.run(["nm", "-C", "-S", program], check=True, text=True, stdout=subprocess.PIPE).stdout
    found = {}
    for line in listed.splitlines():
        match = re.match(r"([0-9a-f]+) ([0-9a-f]+) \w (?:wasm::)?(?:Straight|Branch)<(.*?) ?>::run\(", line)
        if match:
            name = re.sub(r"\(anonymous namespace\)::|wasm::| ", "", match[3])
            found[name] = (int(match[1], 16), int(match[2], 16))
    return found


def instructions(program, start, size):
    text = subprocess.run(["objdump", "-d", "--no-show-raw-insn", f"--start-address={start}", f"--stop-address={start + size}",
                           program], check=True, text=True, stdout=subprocess.PIPE).stdout
    code = [line.split(":\t", 1)[1] for line in text.splitlines() if ":\t" in line]
    while code and re.match(r"(nop|xchg +%ax,%ax|cs nop|data16|int3)", code[-1]):  # padding
        code.pop()
    return code


def flaws(code, most):
    if len(code) > most:
        yield f"{len(code)} instructions, {most} were enough"
    for line in code:
        if re.search(r"\b(push|pop|call|leave|ret)|%[re]sp\b", line):
            yield f"uses the native stack: {line}"
    if not any(re.match(r"(notrack )?jmp +\*", line) for line in code):
        yield "does not jump to the next handler"


def main():
    program = sys.argv[1]
    about = subprocess.run([program, "--version"], check=True, text=True, stdout=subprocess.PIPE).stdout
    if not re.search(r"machine: +x86_64", about) or not re.search(r"dispatch: tail, [1-9]", about):
        print("handlers are looked at where they are shipped: x86-64, tail calls, pinned registers")
        sys.exit(SKIPPED)
    known, numbers, failed = symbols(program), op_numbers(), 0
    for family, op, places, most in HANDLERS:
        name = wanted(family, op, places, numbers)
        title = f"{family} {op} {places}"
        if name not in known:
            found, code = ["there is no such handler: tell the list above what replaces it"], []
        else:
            code = instructions(program, *known[name])
            found = list(flaws(code, most))
        print(f"{title:44} {len(code):3} of {most}" + "".join(f"\n    {flaw}" for flaw in found))
        failed += bool(found)
        if found:
            print("\n".join(f"        {line}" for line in code))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
