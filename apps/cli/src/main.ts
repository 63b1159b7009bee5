#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ManageClient } from '#libs/keys-client';
import { type Environment, isSet, readSettings } from '#libs/settings';
import { dataFolder, cliSettings } from './cli-settings.js';
import { explain } from './exit-codes.js';
import { readOperator } from './operator.js';
import { terminal } from './output.js';
import { makeProgram } from './program.js';

function connect(actor?: string): ManageClient {
  const settings = readSettings(cliSettings, withLocalToken(process.env));
  const { KEYS_URL, KEYS_TLS_CA, KEYS_MANAGE_TOKEN, KEYS_ACTOR } = settings;
  const operator = readOperator(process.env);
  const client = new ManageClient({ url: KEYS_URL, ca: KEYS_TLS_CA, credential: KEYS_MANAGE_TOKEN[0] });
  return client.from({ ...operator, actor: actor ?? KEYS_ACTOR ?? operator.actor });
}

/** `npm start` keeps the service token in its data folder, so on its machine nothing needs to be set. */
function withLocalToken(env: Environment): Environment {
  const { DATA_DIR } = readSettings(dataFolder, env);
  const file = join(DATA_DIR, 'secrets', 'manage-token');
  const isNeeded = !isSet(env, 'KEYS_MANAGE_TOKEN') && existsSync(file);
  return isNeeded ? { ...env, KEYS_MANAGE_TOKEN_FILE: file } : env;
}

// A reader may stop early, as head does. Any other error, such as a full disk, would lose the new key.
process.stdout.on('error', (err: NodeJS.ErrnoException) => {
  if (err.code !== 'EPIPE') terminal.say(`Cannot write the output: ${err.message}.`);
  process.exit(err.code === 'EPIPE' ? 0 : 1);
});

try {
  await makeProgram({ connect, input: () => process.stdin, output: terminal }).parseAsync();
} catch (err) {
  const { code, sentence } = explain(err);
  if (sentence !== '') terminal.say(sentence);
  process.exitCode = code;
}
