import type { Command } from 'commander';
import { type CommandContext, jsonOption } from '../command-context.js';
import { pauseSentence } from '../output.js';
import { keyIdIn } from '../pasted-keys.js';

export function addPauseCommand(program: Command, { connect, output }: CommandContext): void {
  program
    .command('pause <key-id>')
    .description('Pause a key, which can be resumed. Returns once no gateway accepts it.')
    .addOption(jsonOption)
    .action(async (text: string, { json }: { json?: true }) => {
      const pause = await connect().pause(keyIdIn(text));
      output.result(json ? JSON.stringify(pause, null, 2) : pauseSentence(pause));
    });
}

export function addResumeCommand(program: Command, { connect, output }: CommandContext): void {
  program
    .command('resume <key-id>')
    .description('Resume a paused key. Returns once every gateway accepts it again.')
    .addOption(jsonOption)
    .action(async (text: string, { json }: { json?: true }) => {
      const pause = await connect().resume(keyIdIn(text));
      output.result(json ? JSON.stringify(pause, null, 2) : pauseSentence(pause));
    });
}
