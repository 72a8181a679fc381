// SPDX-License-Identifier: Apache-2.0
// node convert.mjs TESTSUITE OUT: every .wast below TESTSUITE becomes OUT/<same path>.script, unless the script that is
// there was made from the same bytes by the same converter. Prints one line; problems are commands of op 15.

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const kMagic = Buffer.from('WSPT');

function files_below(root, extension, below = '') {
  if (!fs.existsSync(path.join(root, below))) return [];
  const entries = fs.readdirSync(path.join(root, below), { withFileTypes: true });
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1)).flatMap((e) => {
    const name = path.join(below, e.name);
    if (e.isDirectory()) return files_below(root, extension, name);
    return e.name.endsWith(extension) ? [name] : [];
  });
}

// Hash over everything that decides what comes out: sources of the converter, versions of the packages.
function converter_hash() {
  const here = path.dirname(fileURLToPath(import.meta.url));
  const hash = createHash('sha256');
  const inputs = fs.readdirSync(here).filter((f) => f.endsWith('.mjs') || f === 'package-lock.json');
  for (const f of inputs.sort()) hash.update(f).update(fs.readFileSync(path.join(here, f)));
  return hash.digest();
}

function has_key(file, key) {
  let fd;
  try {
    fd = fs.openSync(file, 'r');
  } catch {
    return false;
  }
  const start = Buffer.alloc(kMagic.length + key.length);
  fs.readSync(fd, start);
  fs.closeSync(fd);
  return start.equals(Buffer.concat([kMagic, key]));
}

async function main() {
  const [root, out] = process.argv.slice(2);
  const salt = converter_hash();
  const files = files_below(root, '.wast');
  const targets = new Set(files.map((f) => f.replace(/\.wast$/, '.script')));
  for (const old of files_below(out, '.script')) if (!targets.has(old)) fs.rmSync(path.join(out, old));
  let made = 0;
  for (const name of files) {
    const bytes = fs.readFileSync(path.join(root, name));
    const key = createHash('sha256').update(salt).update(bytes).digest();
    const target = path.join(out, name.replace(/\.wast$/, '.script'));
    if (has_key(target, key)) continue;
    const { convert } = await import('./script.mjs');  // only now: the packages take time to load
    const script = await convert(bytes.toString('latin1'));
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target + '.new', Buffer.concat([kMagic, key, script]));
    fs.renameSync(target + '.new', target);
    made++;
  }
  console.log(`${files.length} scripts, ${made} converted now`);
}

if (process.argv.length !== 4) {
  console.error('usage: node convert.mjs TESTSUITE OUT');
  process.exit(2);
}
await main();
