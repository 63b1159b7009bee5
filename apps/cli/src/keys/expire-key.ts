import type { Command } from 'commander';
import { type CommandContext, jsonOption } from '../command-context.js';
import { expirySentence } from '../output.js';
import { keyIdIn, refuseKeysIn, usageError } from '../pasted-keys.js';
import { expiryMoment } from './expiry-moment.js';

interface ExpireOptions {
  in?: string;
  at?: string;
  json?: true;
}

export function addExpireCommand(program: Command, { connect, output }: CommandContext): void {
  program
    .command('expire <key-id>')
    .description('Make a key expire earlier. Returns once every gateway knows.')
    .option('--in <duration>', 'how long until it expires, such as 30m, 24h or 7d')
    .option('--at <time>', 'when it expires, such as 2027-01-31T12:00:00Z')
    .addOption(jsonOption)
    .action(async (text: string, options: ExpireOptions) => {
      refuseKeysIn({ 'expiry time': [options.in ?? '', options.at ?? ''] });
      const moment = expiryMoment(options, Date.now());
      if (moment.outcome === 'refused') throw usageError(moment.problem);
      const expiry = await connect().expire(keyIdIn(text), { expiresAt: moment.text });
      output.result(options.json ? JSON.stringify(expiry, null, 2) : expirySentence(expiry));
    });
}
