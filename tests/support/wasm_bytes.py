# SPDX-License-Identifier: Apache-2.0
"""Small wasm modules from Python, without a compiler: the one way in which tests of ours put a module together.

    m = Module()
    exit = m.import_func("wasi_snapshot_preview1", "proc_exit", [I32])
    m.func([], [], i32(7) + call(exit) + END, export="_start")
    m.bytes()

Instructions are encoded by the rows of runtime/isa/wasm_ops.def.
"""
import pathlib
import re

TABLE = pathlib.Path(__file__).resolve().parents[2] / "runtime/isa/wasm_ops.def"
I32, I64, F32, F64, V128, FUNCREF, EXTERNREF, EXNREF = 0x7F, 0x7E, 0x7D, 0x7C, 0x7B, 0x70, 0x6F, 0x69
VOID = b"\x40"  # the type of a block without results
LETTERS = {"i": I32, "I": I64}


def uleb(n):
    out = bytearray()
    while True:
        n, low = n >> 7, n & 0x7F
        out.append(low | (0x80 if n else 0))
        if not n:
            return bytes(out)


def sleb(n):
    out = bytearray()
    while True:
        low = n & 0x7F
        n >>= 7
        done = n == (-1 if low & 0x40 else 0)
        out.append(low | (0 if done else 0x80))
        if done:
            return bytes(out)


def rows():
    """{text: (encoding, log2 of the bytes accessed)}"""
    found = re.findall(r'^OP\(\w+, +"([^"]+)", +0x(\w\w), 0x(\w+), .*, +(\d)\)$', TABLE.read_text(encoding="utf-8"), re.M)
    return {text: ((bytes.fromhex(prefix) + uleb(int(code, 16)) if int(prefix, 16) else bytes.fromhex(code)), int(align))
            for text, prefix, code, align in found}


OPS = rows()


def op(text, *immediates):
    """Numbers among the immediates are indices or labels."""
    return OPS[text][0] + b"".join(i if isinstance(i, bytes) else uleb(i) for i in immediates)


def access(text, offset=0):
    """A load, a store, an atomic operation: of memory 0."""
    return op(text, OPS[text][1], offset)


END, UNREACHABLE, DROP, I32_DIV_S, I32_ADD = map(op, ("end", "unreachable", "drop", "i32.div_s", "i32.add"))


def i32(n):
    return op("i32.const", sleb(n))


def i64(n):
    return op("i64.const", sleb(n))


def call(index):
    return op("call", index)


def local(index):
    return op("local.get", index)


def set_local(index):
    return op("local.set", index)


def name(text):
    data = text.encode()
    return uleb(len(data)) + data


def vec(items):
    return uleb(len(items)) + b"".join(items)


def section(number, content):
    return bytes([number]) + uleb(len(content)) + content


class Module:
    """Functions are numbered as they are made; imports come before all others."""

    def __init__(self):
        self.types, self.imports, self.funcs, self.exports, self.data, self.names = [], [], [], [], [], {}
        self.memory = self.table = self.start = self.tag = None
        self.tables, self.globals, self.tags, self.element_segments, self.data_segments = [], [], [], [], []
        self.imported_funcs = 0

    def type(self, params, results):
        code = b"\x60" + vec([bytes([p]) for p in params]) + vec([bytes([r]) for r in results])
        if code not in self.types:
            self.types.append(code)
        return self.types.index(code)

    def import_func(self, module, field, params, results=()):
        assert not self.funcs
        self.imports.append(name(module) + name(field) + b"\x00" + uleb(self.type(params, results)))
        self.imported_funcs += 1
        return self.imported_funcs - 1

    def syscall(self, which, kinds, results="I"):
        """A call of Linux, its parameters by letter: i for i32, I for i64."""
        return self.import_func("wali", "SYS_" + which, [LETTERS[k] for k in kinds], [LETTERS[r] for r in results])

    def import_memory(self, module, field, pages):
        self.imports.append(name(module) + name(field) + b"\x02\x00" + uleb(pages))

    def func(self, params, results, code, export=None, called=None, locals_=()):
        """`code` ends with END. `called` is its name in the name section. Locals: their types."""
        index = self.imported_funcs + len(self.funcs)
        body = vec([b"\x01" + bytes([t]) for t in locals_]) + code
        self.funcs.append((self.type(params, results), uleb(len(body)) + body))
        if export:
            self.exports.append(name(export) + b"\x00" + uleb(index))
        if called:
            self.names[index] = called
        return index

    def export_memory(self):
        self.exports.append(name("memory") + b"\x02\x00")

    def add_table(self, element, size):
        """Besides `table`, which is one of functions."""
        self.tables.append(bytes([element]) + b"\x00" + uleb(size))
        return len(self.tables) - 1

    def active_element(self, at, functions):
        """Into table 0."""
        self.element_segments.append(b"\x00" + i32(at) + END + vec([uleb(f) for f in functions]))

    def add_global(self, kind, mutable, init, export=None):
        self.globals.append(bytes([kind, mutable]) + init + END)
        if export:
            self.exports.append(name(export) + b"\x03" + uleb(len(self.globals) - 1))
        return len(self.globals) - 1

    def add_tag(self, params):
        self.tags.append(b"\x00" + uleb(self.type(params, [])))
        return len(self.tags) - 1

    def bytes(self):
        out = b"\0asm\x01\0\0\0" + section(1, vec(self.types))
        if self.imports:
            out += section(2, vec(self.imports))
        if self.funcs:
            out += section(3, vec([uleb(t) for t, _ in self.funcs]))
        if self.table is not None:
            out += section(4, b"\x01\x70\x00" + uleb(self.table))
        elif self.tables:
            out += section(4, vec(self.tables))
        if self.memory is not None:
            out += section(5, b"\x01" + self.memory)
        if self.tag is not None:
            out += section(13, b"\x01\x00" + uleb(self.tag))
        elif self.tags:
            out += section(13, vec(self.tags))
        if self.globals:
            out += section(6, vec(self.globals))
        if self.exports:
            out += section(7, vec(self.exports))
        if self.start is not None:
            out += section(8, uleb(self.start))
        if self.element_segments:
            out += section(9, vec(self.element_segments))
        if self.data_segments:
            out += section(12, uleb(len(self.data_segments)))
        if self.funcs:
            out += section(10, vec([b for _, b in self.funcs]))
        if self.data:
            out += section(11, vec([b"\x00" + i32(at) + END + uleb(len(d)) + d for at, d in self.data]))
        elif self.data_segments:
            out += section(11, vec(self.data_segments))
        if self.names:
            entries = vec([uleb(i) + name(n) for i, n in sorted(self.names.items())])
            out += section(0, name("name") + b"\x01" + uleb(len(entries)) + entries)
        return out


def pages(least, most=None, shared=False):
    """Limits of a memory."""
    flags = (0 if most is None else 1) | (2 if shared else 0)
    return bytes([flags]) + uleb(least) + (b"" if most is None else uleb(most))
