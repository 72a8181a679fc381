// SPDX-License-Identifier: Apache-2.0
// Constants of a script as bits. wasm-tools parses the numbers: all literals of a script become globals of one
// helper module, whose initialisers are read back from the binary.

import { text_to_binary } from './modules.mjs';

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }
  u8() {
    return this.bytes[this.at++];
  }
  take(n) {
    this.at += n;
    return this.bytes.subarray(this.at - n, this.at);
  }
  // LEB128 as a BigInt; sign-extended when `signed`.
  leb(signed) {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(this.u8());
      value |= (byte & 127n) << shift;
      if (byte < 128n) return signed && byte & 64n ? value - (1n << (shift + 7n)) : value;
    }
  }
  size() {
    return Number(this.leb(false));
  }
}

function int_bits(value, bytes) {
  const out = Buffer.alloc(16);
  out.writeBigUInt64LE(BigInt.asUintN(bytes * 8, value), 0);
  return out;
}

// Bits of one constant instruction, padded to 16 bytes.
function read_constant(reader) {
  const opcode = reader.u8();
  const pad = (bytes) => Buffer.concat([bytes, Buffer.alloc(16 - bytes.length)]);
  switch (opcode) {
    case 0x41: return int_bits(reader.leb(true), 4);
    case 0x42: return int_bits(reader.leb(true), 8);
    case 0x43: return pad(reader.take(4));
    case 0x44: return pad(reader.take(8));
    case 0xfd:
      reader.size();  // v128.const
      return Buffer.from(reader.take(16));
    default: throw new Error(`constant with opcode ${opcode}`);
  }
}

function read_globals(binary) {
  const reader = new Reader(binary);
  reader.at = 8;
  while (reader.at < binary.length) {
    const id = reader.u8();
    const size = reader.size();
    if (id !== 6) {
      reader.take(size);
      continue;
    }
    const values = [];
    for (let n = reader.size(); n > 0; n--) {
      reader.take(2);  // type, mutability
      values.push(read_constant(reader));
      reader.take(1);  // end
    }
    return values;
  }
  return [];
}

// Collects literals first, answers their bits after resolve().
export class Constants {
  constructor() {
    this.index = new Map();  // "(i32.const 1)" → position
    this.values = [];
  }
  // `literal` is the text between the parentheses, e.g. "f32.const 0x1p-1".
  want(literal) {
    if (!this.index.has(literal)) this.index.set(literal, this.index.size);
    return literal;
  }
  async resolve() {
    const globals = [...this.index.keys()].map((l) => `(global ${l.slice(0, l.indexOf('.'))} (${l}))`);
    this.values = read_globals(await text_to_binary(`(module ${globals.join('\n')})`));
  }
  bits(literal) {
    return this.values[this.index.get(literal)];
  }
}
