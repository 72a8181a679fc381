// SPDX-License-Identifier: Apache-2.0
// A module of a script, in whichever of its forms, as a binary. wasm-tools does the work and validates nothing
// (which is wanted: invalid modules must come out as binaries too); wabt reads what wasm-tools no longer
// does, the folded try of the legacy exceptions.

import { parse as parse_wat } from '@bytecodealliance/jco-transpile/wasm-tools';
import make_wabt from 'wabt';

import { to_ascii } from './sexpr.mjs';

const kWabtFeatures = { exceptions: true, reference_types: true, tail_call: true, multi_value: true };
const wabt = await make_wabt();

function parse_with_wabt(text) {
  const module = wabt.parseWat('module.wat', text, kWabtFeatures);
  try {
    return Buffer.from(module.toBinary({ write_debug_names: true }).buffer);
  } finally {
    module.destroy();
  }
}

export async function text_to_binary(text) {
  if (/[^\x00-\x7f]/.test(text)) text = to_ascii(text);
  try {
    return Buffer.from(await parse_wat(text));
  } catch (error) {
    try {
      return parse_with_wabt(text);
    } catch {
      throw new Error(String(error.payload ?? error.message ?? error).split('\n')[0]);
    }
  }
}

// Takes a (module …) node apart: {name, form, is_definition}; form is 'text', 'binary', 'quote' or 'instance'.
export function module_header(node) {
  const rest = node.list.slice(1);
  const take = (predicate) => (rest.length && predicate(rest[0]) ? rest.shift() : undefined);
  const is_definition = take((n) => n.atom === 'definition') !== undefined;
  const is_instance = take((n) => n.atom === 'instance') !== undefined;
  const name = take((n) => n.atom?.startsWith('$'))?.atom ?? '';
  if (is_instance) return { name, form: 'instance', definition: rest[0]?.atom ?? '' };
  const form = take((n) => n.atom === 'binary' || n.atom === 'quote')?.atom ?? 'text';
  return { name, form, is_definition, rest };
}

// The binary of a (module …) node of `source`.
export async function module_binary(source, node) {
  const { form, is_definition, rest } = module_header(node);
  if (form === 'binary') return Buffer.concat(rest.map((n) => n.string));
  if (form === 'quote') return text_to_binary(rest.map((n) => n.string.toString('latin1')).join(' '));
  const text = source.slice(node.start, node.end);
  return text_to_binary(is_definition ? text.replace(/\bdefinition\b/, ' ') : text);
}
