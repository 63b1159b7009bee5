import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunningProcess, freePort, noteIssued, runFolder } from '#libs/testing';
import { commandsIn } from './commands-in.js';
import { NpmStart } from './npm-start.js';

const ROOT = join(import.meta.dirname, '../../..');
const README = readFileSync(join(ROOT, 'examples/invoices/README.md'), 'utf8');

/** The settings by which the services of the README listen elsewhere than documented there. */
const PORTS = {
  NEST_PORT: 3021,
  EXPRESS_PORT: 3022,
  NGINX_PORT: 3023,
  PYTHON_PORT: 3024,
  GATEWAY_INTERNAL_PORT: 9464,
};

describe('the README of examples/invoices', () => {
  let env: Record<string, string>;
  const started: RunningProcess[] = [];
  beforeAll(async () => {
    env = await NpmStart.settings();
    for (const name of Object.keys(PORTS)) env[name] = String(await freePort());
  });
  afterAll(async () => {
    for (const process of started.reverse()) await process.stop();
  });

  /** Starts a command as it stands there, except for ports. */
  function start(command: string): RunningProcess {
    const text = Object.entries(PORTS).reduce(
      (before, [name, documented]) => before.replaceAll(String(documented), env[name] ?? ''),
      command,
    );
    return new RunningProcess('bash', ['-c', text], env, ROOT);
  }

  async function run(command: string): Promise<string> {
    const shell = start(command);
    if ((await shell.exited) !== 0) throw new Error(`${command}: ${shell.stderr}`);
    return shell.stdout;
  }

  it('has commands that work as written: start, call each service, revoke', async () => {
    const [npmStart = '', services = '', ...none] = commandsIn(README, 'Start');
    const [issue = '', ...tries] = commandsIn(README, 'Try it');
    const [reads, writes, [revoke = '', ...again]] = [tries.slice(0, 3), tries.slice(3, 6), tries.slice(6)];
    expect([none.length, reads.length, writes.length, again.length]).toEqual([0, 3, 3, 3]);

    const early = start(services);
    expect(await early.exited).toBe(1);
    expect(early.stderr).toMatch(/^There are no secrets in .*: run npm start first, as the README says\.\n$/);

    const launched = start(npmStart);
    started.push(launched);
    await launched.waitForOutput('Or, in another terminal');
    const example = start(services);
    started.push(example);
    for (const line of ['Nest: http', 'Express: http', 'Python: http']) await example.waitForOutput(line);
    // nginx does not say when it listens.
    while (!(await isListening(`http://127.0.0.1:${env.NGINX_PORT}`))) await sleep(50);

    const issued = async (command: string): Promise<string> => {
      const token = (await run(command)).trim();
      noteIssued(token);
      return token;
    };
    const reader = await issued(issue);
    const writer = await issued(`${issue} --capability invoices:write`);
    /** The answers of the three services. */
    const call = async (commands: readonly string[], token: string): Promise<unknown[]> => {
      const answers: unknown[] = [];
      for (const command of commands)
        answers.push(JSON.parse(await run(command.replace('sk_live_...', token))));
      return answers;
    };
    const ofEach = (answer: object): unknown[] => [1, 2, 3].map(() => expect.objectContaining(answer));

    const first = { number: 1, customer: 'Analytical Engines', createdBy: 'nobody' };
    expect(await call(reads, reader)).toEqual(ofEach({ invoices: [first] }));
    expect(await call(writes, reader)).toEqual(
      ofEach({ status: 403, code: 'insufficient_scope', required: ['invoices:write'] }),
    );
    const second = { number: 2, customer: 'Difference Ltd', createdBy: 'ada@example.com' };
    expect(await call(writes, writer)).toEqual(ofEach(second));
    expect(await call(reads, reader)).toEqual(ofEach({ invoices: [first, second] }));

    const id = reader.split('_')[2] ?? '';
    expect(await run(revoke.replace('<key id>', id))).toMatch(
      /; (1 gateway confirmed in [\d.]+ m?s|in effect everywhere after [\d.]+ m?s, \d gateways? confirmed)\.\n$/,
    );
    expect(await call(again, reader)).toEqual(ofEach({ status: 401 }));
    expect(await call(again, writer)).toEqual(ofEach({ invoices: [first, second] }));
  });

  it('starts services that stop together when one cannot run', async () => {
    const [, example] = started;
    // On the same ports.
    const second = start(commandsIn(README, 'Start')[1] ?? '');
    expect(await second.exited).toBe(1);
    expect(second.stderr).toContain('A service has ended, so the others are stopped.');
    expect(second.stderr).toMatch(/address already in use/i);
    expect(await example?.stop()).toBe(0);
    for (const name of ['NEST_PORT', 'EXPRESS_PORT', 'PYTHON_PORT'])
      expect(await isListening(`http://127.0.0.1:${env[name]}`)).toBe(false);
  });
});

describe('docs/adopting.md', () => {
  it('has commands that work as written: start, read the settings, call, revoke', async () => {
    const adopting = readFileSync(join(ROOT, 'docs/adopting.md'), 'utf8');
    const [npmStart = '', issue = '', ...settings] = commandsIn(adopting, '1. Say');
    const [call = '', revoke = ''] = commandsIn(adopting, '3. Try');
    expect([settings.length, npmStart.startsWith('npm ci && ')]).toEqual([3, true]);
    const env = await NpmStart.settings();
    const port = String(await freePort());
    const catalogue = join(runFolder('adopting'), 'catalogue.yaml');
    writeFileSync(catalogue, /^```yaml catalogue\.yaml\n([^]*?)^```$/m.exec(adopting)?.[1] ?? '');
    const start = (command: string, more: object = {}): RunningProcess =>
      new RunningProcess('bash', ['-c', command], { ...env, ...more }, ROOT);
    const run = async (command: string): Promise<string> => {
      const shell = start(command.replace('localhost:3020', `localhost:${port}`));
      if ((await shell.exited) !== 0) throw new Error(`${command}: ${shell.stderr}`);
      return shell.stdout;
    };

    // Its packages are installed already.
    const launched = start(npmStart.replace('npm ci && ', '').replace('catalogue.yaml', catalogue));
    await launched.waitForOutput('Or, in another terminal');
    const token = (await run(issue)).trim();
    noteIssued(token);
    // npm start has no Redis.
    const exports = settings.filter((line) => !line.includes('REDIS_URL'));
    const service = start(
      `${exports.join('\n')}\nexec node dist/examples/invoices/express/main.js`
        .replaceAll('data/', `${env.DATA_DIR}/`)
        .replace('localhost:3002', `localhost:${env.KEYS_VERIFY_PORT}`),
      { PORT: port },
    );
    await service.waitForOutput('Express: http');
    expect(await run(call.replace('sk_live_...', token))).toMatch(/^HTTP\/1\.1 200 /);
    await run(revoke.replace('<key id>', token.split('_')[2] ?? ''));
    expect(await run(call.replace('sk_live_...', token))).toMatch(/^HTTP\/1\.1 401 /);
    await service.stop();
    await launched.stop();
  });
});

function isListening(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}
