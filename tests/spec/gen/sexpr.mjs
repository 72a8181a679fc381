// SPDX-License-Identifier: Apache-2.0
// S-expressions of the text format, as far as splitting a .wast into commands needs them.
// Not a wat parser: modules stay source text and are converted by wasm-tools.
//
// A source is a "binary" string (one char per byte), so that positions are byte offsets and bytes that are not
// UTF-8 survive. Nodes: {list: [...]}, {atom: 'text'}, {string: Buffer}; each with start, end (offsets) and line.

const kBlank = new Set([' ', '\t', '\r', '\n']);
const kAtomEnd = new Set([...kBlank, '(', ')', '"', ';']);
const kEscapes = { n: 10, t: 9, r: 13, '"': 34, "'": 39, '\\': 92 };

export class SyntaxError extends Error {}

// End of the nested block comment that opens at `at`.
function skip_block_comment(text, at) {
  for (let depth = 0; at < text.length; ) {
    const two = text.substr(at, 2);
    if (two === '(;') depth++;
    if (two === ';)') depth--;
    at += two === '(;' || two === ';)' ? 2 : 1;
    if (depth === 0) return at;
  }
  throw new SyntaxError('unclosed block comment');
}

function skip_line_comment(text, at) {
  while (at < text.length && text[at] !== '\n' && text[at] !== '\r') at++;
  return at;
}

// End of the string literal that opens at `at`.
function skip_string(text, at) {
  for (at++; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  throw new SyntaxError('unclosed string');
}

function skip_atom(text, at) {
  while (at < text.length && !kAtomEnd.has(text[at])) {
    at++;
    if (text[at] === '"') at = skip_string(text, at);  // $"name", @"name"
  }
  return at;
}

// Yields {kind, start, end}; kind is 'comment', 'string', '(', ')' or 'atom'.
export function* tokens(text) {
  for (let at = 0; at < text.length; ) {
    const start = at;
    const c = text[at];
    let kind;
    if (kBlank.has(c)) {
      at++;
      continue;
    } else if (c === '(' && text[at + 1] === ';') {
      kind = 'comment';
      at = skip_block_comment(text, at);
    } else if (c === ';' && text[at + 1] === ';') {
      kind = 'comment';
      at = skip_line_comment(text, at);
    } else if (c === '"') {
      kind = 'string';
      at = skip_string(text, at);
    } else if (c === '(' || c === ')') {
      kind = c;
      at++;
    } else {
      kind = 'atom';
      at = Math.max(skip_atom(text, at), at + 1);
    }
    yield { kind, start, end: at };
  }
}

export function decode_string(literal) {
  const out = [];
  const body = literal.slice(1, -1);
  for (let i = 0; i < body.length; i++) {
    if (body[i] !== '\\') {
      out.push(body.charCodeAt(i));
      continue;
    }
    const e = body[++i];
    if (e in kEscapes) {
      out.push(kEscapes[e]);
    } else if (e === 'u') {
      const close = body.indexOf('}', i);
      out.push(...Buffer.from(String.fromCodePoint(parseInt(body.slice(i + 2, close).replaceAll('_', ''), 16))));
      i = close;
    } else {
      out.push(parseInt(body.substr(i, 2), 16));
      i++;
    }
  }
  return Buffer.from(out);
}

// All top-level nodes of `text`, without annotations.
export function parse(text) {
  const root = [];
  const open = [];
  let line = 1;
  let counted = 0;
  for (const { kind, start, end } of tokens(text)) {
    if (kind === 'comment') continue;
    for (; counted < start; counted++) if (text[counted] === '\n') line++;
    const siblings = open.at(-1)?.list ?? root;
    if (kind === '(') {
      const node = { list: [], start, end, line };
      siblings.push(node);
      open.push(node);
    } else if (kind === ')') {
      if (!open.length) throw new SyntaxError(`line ${line}: unexpected )`);
      const node = open.pop();
      node.end = end;
      if (node.list[0]?.atom?.startsWith('@')) (open.at(-1)?.list ?? root).pop();
    } else if (kind === 'string') {
      siblings.push({ string: decode_string(text.slice(start, end)), start, end, line });
    } else {
      siblings.push({ atom: text.slice(start, end), start, end, line });
    }
  }
  if (open.length) throw new SyntaxError(`line ${open.at(-1).line}: unclosed (`);
  return root;
}

// The same text in plain ASCII: comments dropped, other bytes in strings written as \hh. wasm-tools refuses
// "confusing" Unicode in sources although names may hold any.
export function to_ascii(text) {
  let out = '';
  let last = 0;
  for (const { kind, start, end } of tokens(text)) {
    const hex = (c) => '\\' + c.charCodeAt(0).toString(16).padStart(2, '0');
    const token = text.slice(start, end);
    out += text.slice(last, start) + (kind === 'comment' ? ' ' : token.replace(/[^\x00-\x7f]/g, hex));
    last = end;
  }
  return out + text.slice(last);
}

export const head = (node) => node.list?.[0]?.atom;
