import type { Command } from 'commander';
import { type CommandContext, jsonOption } from '../command-context.js';
import { revocationSentence } from '../output.js';
import { keyIdIn, refuseKeysIn } from '../pasted-keys.js';

export function addRevokeCommand(program: Command, { connect, output }: CommandContext): void {
  program
    .command('revoke <key-id>')
    .description('Revoke a key. Returns once no gateway accepts it.')
    .option('--reason <text>', 'why, for the audit log')
    .addOption(jsonOption)
    .action(async (text: string, { reason, json }: { reason?: string; json?: true }) => {
      refuseKeysIn({ reason });
      const revocation = await connect().revoke(keyIdIn(text), {
        ...(reason !== undefined && { reason }),
      });
      output.result(json ? JSON.stringify(revocation, null, 2) : revocationSentence(revocation));
    });
}
