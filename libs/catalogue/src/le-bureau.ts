import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCatalogue } from './read-catalogue.js';

/** The catalogue of a deployment that names no other. */
export const LE_BUREAU = builtIn();

/** The build copies it beside the compiled version of this file. */
function builtIn() {
  const read = readCatalogue(readFileSync(join(import.meta.dirname, 'le-bureau.yaml'), 'utf8'));
  if (read.outcome === 'wrong') throw new TypeError(`le-bureau.yaml, ${read.problem}`);
  return read.catalogue;
}
