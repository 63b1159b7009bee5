import { z } from 'zod';
import type { Catalogue } from './catalogue.js';
import { LE_BUREAU } from './le-bureau.js';
import { readCatalogue } from './read-catalogue.js';

/** The setting `CATALOGUE`: the text of a catalogue, usually from the file that `CATALOGUE_FILE` names. */
export function catalogueSetting(): z.ZodType<Catalogue, string | undefined> {
  return z
    .string('must be a catalogue in YAML')
    .transform((text, context) => {
      const read = readCatalogue(text);
      if (read.outcome === 'read') return read.catalogue;
      context.addIssue({ code: 'custom', message: `must be corrected in ${read.problem}` });
      return z.NEVER;
    })
    .default(LE_BUREAU);
}
