// SPDX-License-Identifier: Apache-2.0
// Commands of one .wast as a binary script; FORMAT.md describes it.

import { Constants } from './constants.mjs';
import { module_binary, module_header } from './modules.mjs';
import { head, parse } from './sexpr.mjs';

const kOps = {
  module: 1, definition: 2, instance: 3, register: 4, action: 5, assert_return: 6, assert_trap: 7,
  assert_trap_module: 8, assert_exhaustion: 9, assert_exception: 10, assert_invalid: 11, assert_malformed: 12,
  assert_unlinkable: 13, text_only: 14, unconverted: 15,
};
const kTypes = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };
const kHeapTypes = {
  noexn: 0x74, nofunc: 0x73, noextern: 0x72, none: 0x71, func: 0x70, extern: 0x6f, any: 0x6e, eq: 0x6d,
  i31: 0x6c, struct: 0x6b, array: 0x6a, exn: 0x69,
};
const kValue = { bits: 0, null: 1, host: 2, non_null: 3 };

class Writer {
  constructor() {
    this.parts = [];
  }
  u8(n) {
    this.parts.push(Buffer.from([n]));
  }
  u32(n) {
    const b = Buffer.alloc(4);
    b.writeUInt32LE(n);
    this.parts.push(b);
  }
  bytes(b) {
    this.u32(b.length);
    this.parts.push(b);
  }
  str(s) {
    this.bytes(Buffer.from(s));
  }
  finish() {
    return Buffer.concat(this.parts);
  }
}

const is_module = (node) => head(node) === 'module';
const is_action = (node) => head(node) === 'invoke' || head(node) === 'get';
const constant_source = (node) => node.list.map((n) => n.atom).join(' ');

// A numeric constant: {literal for the helper module, NaN classes by lane}.
function split_nans(node) {
  const atoms = node.list.map((n) => n.atom);
  const masks = { canonical: 0, arithmetic: 0 };
  let lane_bytes = 0;
  const first_lane = atoms[0] === 'v128.const' ? 2 : 1;
  for (let i = first_lane; i < atoms.length; i++) {
    const nan = /^nan:(canonical|arithmetic)$/.exec(atoms[i]);
    if (!nan) continue;
    masks[nan[1]] |= 1 << (i - first_lane);
    lane_bytes = atoms[first_lane - 1].startsWith('f32') ? 4 : 8;
    atoms[i] = '0';
  }
  return { literal: atoms.join(' '), lane_bytes, ...masks };
}

function all_constants(node, found = []) {
  if (/^(i32|i64|f32|f64|v128)\.const$/.test(head(node) ?? '')) found.push(node);
  else for (const child of node.list ?? []) all_constants(child, found);
  return found;
}

class ScriptWriter {
  constructor(source) {
    this.source = source;
    this.constants = new Constants();
  }

  async write(nodes) {
    // A file may be the fields of one module, without (module …) around them.
    if (nodes.length && !is_module(nodes[0]) && !is_action(nodes[0]) && !/^(assert_|register)/.test(head(nodes[0]))) {
      nodes = parse(`(module ${this.source})`);
      this.source = `(module ${this.source})`;
    }
    const with_values = nodes.filter((n) => !is_module(n));
    for (const n of with_values.flatMap((n) => all_constants(n))) this.constants.want(split_nans(n).literal);
    await this.constants.resolve();
    const out = new Writer();
    out.u32(nodes.length);
    for (const node of nodes) out.parts.push(await this.command(node));
    return out.finish();
  }

  async command(node) {
    try {
      const out = new Writer();
      await this.known_command(out, node);
      return out.finish();
    } catch (error) {
      const out = new Writer();
      this.begin(out, 'unconverted', node);
      out.str(`${head(node)}: ${error.message}`);
      return out.finish();
    }
  }

  begin(out, op, node) {
    out.u8(kOps[op]);
    out.u32(node.line);
  }

  async known_command(out, node) {
    const verb = head(node);
    if (verb === 'module') return this.module(out, node);
    if (verb === 'register') {
      this.begin(out, 'register', node);
      out.bytes(node.list[1].string);
      return out.str(node.list[2]?.atom ?? '');
    }
    if (is_action(node)) {
      this.begin(out, 'action', node);
      return this.action(out, node);
    }
    if (verb in kOps && verb.startsWith('assert_')) return this.assertion(out, verb, node);
    if (verb === 'assert_malformed_custom' || verb === 'assert_invalid_custom') return this.text_only(out, node);
    throw new Error('unknown command');
  }

  async module(out, node) {
    const header = module_header(node);
    const op = header.form === 'instance' ? 'instance' : header.is_definition ? 'definition' : 'module';
    this.begin(out, op, node);
    out.str(header.name);
    if (op === 'instance') out.str(header.definition);
    else out.bytes(await module_binary(this.source, node));
  }

  text_only(out, node) {
    this.begin(out, 'text_only', node);
    out.bytes(node.list.at(-1).string);
  }

  async assertion(out, verb, node) {
    const [, subject, ...rest] = node.list;
    if (is_module(subject)) {
      if (verb === 'assert_malformed' && module_header(subject).form === 'quote') return this.text_only(out, node);
      this.begin(out, verb === 'assert_trap' ? 'assert_trap_module' : verb, node);
      out.bytes(await module_binary(this.source, subject));
      return out.bytes(rest[0].string);
    }
    this.begin(out, verb, node);
    this.action(out, subject);
    if (verb === 'assert_return') this.expected(out, rest);
    else if (verb !== 'assert_exception') out.bytes(rest[0].string);
  }

  action(out, node) {
    const rest = node.list.slice(1);
    out.u8(head(node) === 'invoke' ? 0 : 1);
    out.str(rest[0].atom ? rest.shift().atom : '');
    out.bytes(rest.shift().string);
    out.u8(rest.length);
    for (const arg of rest) this.value(out, arg);
  }

  expected(out, results) {
    out.u8(results.length);
    for (const result of results) {
      const alternatives = head(result) === 'either' ? result.list.slice(1) : [result];
      out.u8(alternatives.length);
      for (const a of alternatives) this.value(out, a);
    }
  }

  value(out, node) {
    const operator = head(node);
    const record = Buffer.alloc(22);
    if (operator.startsWith('ref.')) {
      const operand = node.list[1]?.atom;
      const has_number = (operator === 'ref.extern' || operator === 'ref.host') && operand !== undefined;
      record[0] = operator === 'ref.null' ? kValue.null : has_number ? kValue.host : kValue.non_null;
      record[1] = this.heap_type(operator, operand);
      if (has_number) record.writeBigUInt64LE(BigInt(operand.replaceAll('_', '')), 6);
    } else {
      const { literal, lane_bytes, canonical, arithmetic } = split_nans(node);
      record.set([kValue.bits, kTypes[literal.slice(0, literal.indexOf('.'))], lane_bytes, canonical, arithmetic]);
      record.set(this.constants.bits(literal), 6);
    }
    out.parts.push(record);
  }

  // 0 for a heap type that a script cannot name without its module, e.g. (ref.null $t).
  heap_type(operator, operand) {
    if (operator === 'ref.null') return kHeapTypes[operand] ?? 0;
    const name = operator.slice('ref.'.length);
    return kHeapTypes[name === 'host' ? 'any' : name] ?? 0;
  }
}

// `source` is a binary string. Returns the script without its header.
export function convert(source) {
  return new ScriptWriter(source).write(parse(source));
}
