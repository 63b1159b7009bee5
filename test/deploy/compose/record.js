// Writes what npm run test:compose has found, one line each on standard input, into docs/operations.md.
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = 'docs/operations.md';
const lines = readFileSync(0, 'utf8').trim().split('\n');
const text = readFileSync(FILE, 'utf8');
const place = /(<!-- test:compose -->\n)[^]*(<!-- \/test:compose -->)/;
if (!place.test(text)) throw new Error(`${FILE} has no place for it`);
writeFileSync(
  FILE,
  text.replace(place, (_, begin, end) => `${begin}\n${lines.map((line) => `- ${line}\n`).join('')}\n${end}`),
);
