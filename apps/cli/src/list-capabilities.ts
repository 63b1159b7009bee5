import type { Command } from 'commander';
import type { ManageClient } from '#libs/keys-client';
import type { CatalogueView } from '#libs/keys-contract';
import { type CommandContext, jsonOption } from './command-context.js';
import { catalogueText } from './output.js';
import { usageError } from './pasted-keys.js';

export function addCapabilitiesCommand(program: Command, { connect, output }: CommandContext): void {
  program
    .command('capabilities')
    .description('List what a key may do, and the presets to choose from.')
    .addOption(jsonOption)
    .action(async ({ json }: { json?: true }) => {
      const catalogue = await readCatalogue(connect());
      output.result(json ? JSON.stringify(catalogue, null, 2) : catalogueText(catalogue));
    });
}

/** The names of the capabilities of the preset. */
export function presetIn({ presets }: CatalogueView, name: string): readonly string[] {
  const preset = presets.find((one) => one.name === name);
  if (preset !== undefined) return preset.capabilities;
  const known = presets.map((one) => one.name).join(', ');
  throw usageError(known === '' ? 'There are no presets.' : `No such preset. Choose from: ${known}.`);
}

/** What keys can be issued with. */
export async function readCatalogue(keys: ManageClient): Promise<CatalogueView> {
  const catalogue = await keys.catalogue();
  if (catalogue !== undefined) return catalogue;
  throw usageError('The keys service is of version 0.1.0, which does not list its capabilities. Update it.');
}
