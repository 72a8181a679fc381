# SPDX-License-Identifier: Apache-2.0
"""Runs a wali-run that counts (-Ddispatch_stats=true) and reads what it says."""
import collections
import pathlib
import re
import subprocess
import tempfile


ROOT = pathlib.Path(__file__).resolve().parents[3]
# Names of Op's enumerators, which handlers are told by, in the order of the table.
OPS = re.findall(r'^OP\(\w+, *"([^"]+)"', (ROOT / "runtime/isa/wasm_ops.def").read_text(), re.MULTILINE)


class Failed(Exception):
    """Why there are no counts."""


class Stats:
    def __init__(self):
        self.pairs = collections.Counter()   # (first, second) handler offsets → executed so often
        self.functions = []                  # (index, bytes of WebAssembly, bytes of internal code)

    @property
    def ops(self):
        counts = collections.Counter()
        for (_, handler), count in self.pairs.items():
            counts[handler] += count
        return counts

    @property
    def executed(self):
        return sum(self.pairs.values())


def collect(wali_run, program, arguments=()):
    with tempfile.NamedTemporaryFile(mode="r") as file:
        done = subprocess.run([wali_run, f"--dispatch-stats={file.name}", program, *arguments],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        text = file.read()
    if not text:
        raise Failed(done.stderr.strip() or f"{program}: no counts (status {done.returncode}; did it end by a signal?)")
    stats = Stats()
    for line in text.splitlines():
        kind, *words = line.split("\t")
        numbers = tuple(map(int, words))
        if kind == "pair":
            stats.pairs[numbers[:2]] += numbers[2]
        else:
            stats.functions.append(numbers)
    return stats


def short(symbol):
    """wasm::Straight<wasm::IntBinary<(wasm::Op)90, (wasm::Loc)0, …> >::run(…) → IntBinary<i32.add, slot, …>"""
    name = re.sub(r"\(anonymous namespace\)::|wasm::", "", symbol).split("::run(")[0].split("(unsigned")[0]
    places = ("slot", "acc", "r1", "r2", "r3", "mem", "imm", "imm16")
    name = re.sub(r"\(Loc\)(\d)", lambda m: places[int(m[1])], name)
    name = re.sub(r"\(Op\)(\d+)", lambda m: OPS[int(m[1])], name)
    outer = re.fullmatch(r"(?:Straight|Branch)<(.*?) ?>", name)
    return outer[1] if outer else name


def names(wali_run):
    """Offset of each handler → its name, from the program's symbol table."""
    listed = subprocess.run(["nm", "-C", wali_run], check=True, text=True, stdout=subprocess.PIPE).stdout
    symbols = [line.split(" ", 2) for line in listed.splitlines() if re.match(r"[0-9a-f]{8}", line)]
    start = next(int(address, 16) for address, _, name in symbols if name == "__executable_start")
    return {int(address, 16) - start: short(name) for address, kind, name in symbols if kind in "tTwW"}
