#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ManageClient } from '#libs/keys-client';
import { type Environment, isSet, readSettings } from '#libs/settings';
import { cliPlace, cliSettings } from './cli-settings.js';
import { explain } from './exit-codes.js';
import { terminal } from './output.js';
import { makeProgram } from './program.js';

function connect(): ManageClient {
  const settings = readSettings(cliSettings, withLocalCredential(process.env));
  const { KEYS_URL, KEYS_TLS_CA, KEYS_MANAGE_TOKEN } = settings;
  return new ManageClient({ url: KEYS_URL, ca: KEYS_TLS_CA, credential: KEYS_MANAGE_TOKEN[0] });
}

/** On the machine where `npm start` runs, its data folder has the credential. */
function withLocalCredential(env: Environment): Environment {
  const { DATA_DIR } = readSettings(cliPlace, env);
  const file = join(DATA_DIR, 'secrets', 'manage-token');
  const isNeeded = !isSet(env, 'KEYS_MANAGE_TOKEN') && existsSync(file);
  return isNeeded ? { ...env, KEYS_MANAGE_TOKEN_FILE: file } : env;
}

// Whoever reads our output may stop, as head does. A full disk is another matter: the key would be lost.
process.stdout.on('error', (err: NodeJS.ErrnoException) => {
  if (err.code !== 'EPIPE') terminal.say(`The output cannot be written (${err.message}).`);
  process.exit(err.code === 'EPIPE' ? 0 : 1);
});

try {
  await makeProgram(connect, terminal).parseAsync();
} catch (err) {
  const { code, sentence } = explain(err);
  if (sentence !== '') terminal.say(sentence);
  process.exitCode = code;
}
