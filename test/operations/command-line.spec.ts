import { spawnSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { noteIssued, until } from '#libs/testing';
import { NpmStart, run, CLI } from './npm-start.js';

/** Of the length of a key's secret part, which is refused wherever it does not belong. */
const PASTED = 'x'.repeat(46);

/** Who makes the changes unless the command says otherwise: the user who runs the tests. */
const OPERATOR = `cli:${userInfo().username}`;

const ROOT = join(import.meta.dirname, '../../..');

describe('the command line', () => {
  let launched: NpmStart;
  beforeAll(
    async () =>
      void (launched = await NpmStart.start({
        ...(await NpmStart.settings()),
        KEY_DEFAULT_DAYS: '90',
        WEBHOOK_ALLOW_PRIVATE: 'true',
      })),
  );
  afterAll(() => launched.process.stop());

  it('prints only the key on standard output, and messages on standard error', async () => {
    const issued = await launched.keys(
      'issue',
      '--owner',
      'ada@example.com',
      '--name',
      'x',
      '--capability',
      'kb:read',
    );
    noteIssued(issued.stdout.trim());
    expect(issued.stdout).toMatch(/^sk_live_\w+\n$/);
    expect(issued.stderr).toContain('Created owner ada@example.com');
    expect(issued.stderr).toContain("You won't see it again.");
  });

  it('prints JSON for scripts', async () => {
    const issued = await launched.keys(
      'issue',
      '--json',
      '--owner',
      'ada@example.com',
      '--name',
      'x',
      '--capability',
      'kb:read',
      '--expires',
      '2099-01-01T00:00:00Z',
      '--rate-limit',
      '600',
      ...['--allow-ip', '203.0.113.0/24', '--allow-ip', '2001:DB8::1'],
    );
    const { token, key } = JSON.parse(issued.stdout);
    noteIssued(token);
    expect(key).toMatchObject({
      name: 'x',
      createdBy: OPERATOR,
      expiresAt: '2099-01-01T00:00:00.000Z',
      rateLimitPerMinute: 600,
      allowedIps: ['203.0.113.0/24', '2001:db8::1'],
    });
    expect(JSON.parse((await launched.keys('show', key.id, '--json')).stdout)).toEqual({
      ...key,
      exposures: [],
    });
    expect(
      JSON.parse((await launched.keys('list', '--json', '--owner', 'ada@example.com')).stdout),
    ).toContainEqual(key);
    expect(
      JSON.parse((await launched.keys('revoke', key.id, '--json', '--reason', 'test')).stdout),
    ).toMatchObject({
      effective: true,
      gateways: 1,
      key: { revokedBy: OPERATOR, revocationReason: 'test' },
    });
    expect((await launched.keys('show', key.id)).stdout).toMatch(
      /state +revoked\n[^]*rate limit +600 per minute\nallowed addresses +203\.0\.113\.0\/24 2001:db8::1\n/,
    );
    const list = await launched.keys('list', '--owner', 'ada@example.com', '--state', 'revoked');
    expect(list.stdout).toMatch(/ FROM\n[^]* 203\.0\.113\.0\/24 2001:db8::1\n/);
  });

  it('says when keys expire, and issues one that never does', async () => {
    const listed = await launched.keys('capabilities');
    expect(listed.stdout).toMatch(/\n\nA key expires after 90 days unless you say when\.\n$/);
    const issue = ['issue', '--owner', 'ada@example.com', '--name', 'x', '--preset', 'read-only'];
    const usual = await launched.keys(...issue);
    expect(usual.stderr).toMatch(/ It expires at 2\d{3}-\d\d-\d\dT/);
    const lasting = await launched.keys(...issue, '--expires', 'never');
    expect(lasting.stderr).not.toContain('It expires');
    for (const { stdout } of [usual, lasting]) noteIssued(stdout.trim());
  });

  it('lists what a key may do, and issues one by a preset', async () => {
    const listed = await launched.keys('capabilities');
    expect(listed.stdout).toMatch(/^Desktops\n {2}desktop:read +List desktops and read their details/);
    expect(listed.stdout).toMatch(
      /\n\nPresets\n {2}read-only +Read-only: desktop:read schedule:read kb:read\n/,
    );
    const { title, capabilities } = JSON.parse((await launched.keys('capabilities', '--json')).stdout);
    expect([title, capabilities[0].name]).toEqual(['Le Bureau', 'desktop:read']);
    const issued = await launched.keys(
      ...['issue', '--json', '--owner', 'ada@example.com', '--name', 'x'],
      ...['--preset', 'read-only', '--capability', 'desktop:chat'],
    );
    const { token, key } = JSON.parse(issued.stdout);
    noteIssued(token);
    expect(key.capabilities).toEqual(['desktop:read', 'desktop:chat', 'schedule:read', 'kb:read']);
  });

  it('manages owners', async () => {
    const put = await launched.keys(
      'owners',
      'put',
      'u-1',
      '--email',
      'grace@example.com',
      '--email-verified',
      '--tier',
      'pro',
      '--json',
    );
    expect(JSON.parse(put.stdout)).toMatchObject({
      id: 'u-1',
      email: 'grace@example.com',
      emailVerified: true,
      emailSource: 'cli',
      role: 'user',
      tier: 'pro',
    });
    const issued = await launched.keys(
      'issue',
      '--owner',
      'grace@example.com',
      '--name',
      'x',
      '--capability',
      'kb:read',
    );
    const token = issued.stdout.trim();
    noteIssued(token);
    expect(await launched.status(token)).toBe(200);
    await launched.keys('owners', 'suspend', 'grace@example.com');
    expect(await launched.status(token)).toBe(401);
    await launched.keys('owners', 'resume', 'u-1');
    expect(await launched.status(token)).toBe(200);
    expect((await launched.keys('owners', 'show', 'u-1')).stdout).toMatch(/suspended +no\n/);
  });

  it('lists owners, the keys of all of them, and what happened', async () => {
    const tokens = [await launched.issue(), await launched.issue()];
    const ids = tokens.map((token) => token.split('_')[2] ?? '');
    await launched.keys('owners', 'put', 'u-2', '--email', 'hedy@example.com');
    await launched.keys('owners', 'suspend', 'u-2');
    const json = async (...args: string[]): Promise<{ id: string }[]> =>
      JSON.parse((await launched.keys(...args, '--json')).stdout);

    expect(await json('owners', 'list', '--search', 'HEDY@')).toMatchObject([{ id: 'u-2' }]);
    expect(await json('owners', 'list', '--suspended')).toMatchObject([{ id: 'u-2' }]);
    expect((await launched.keys('owners', 'list', '--no-suspended')).stdout).not.toContain('u-2');
    expect((await launched.keys('owners', 'list', '--search', 'nobody')).stderr).toBe('No owner matches.\n');

    expect((await json('list', '--limit', '2')).map(({ id }) => id)).toEqual(ids.reverse());
    const one = await launched.keys('list', '--limit', '1');
    expect(one.stdout).toMatch(/^ID +OWNER +NAME +STATE/);
    expect(one.stderr).toBe('There are more. Raise --limit to see them.\n');
    expect((await launched.keys('list', '--capability', 'invoices:read')).stderr).toBe(
      'There are no active keys with invoices:read.\n',
    );

    expect(await json('audit', '--owner', 'u-2')).toMatchObject([
      { action: 'owner.suspended', actor: OPERATOR, requestId: expect.any(String) },
      { action: 'owner.created', details: { email: 'hedy@example.com' } },
    ]);
    expect(await json('audit', '--key', tokens[0] ?? '')).toMatchObject([{ action: 'key.issued' }]);
    expect((await launched.keys('audit', '--limit', '1', '--action', 'owner.suspended')).stdout).toMatch(
      /^TIME +ACTION +ACTOR +FROM +OWNER +KEY +REQUEST\n\S{19}Z {2}owner\.suspended +cli:\S+ +u-2 +[\w-]{8}\n$/,
    );
    expect(await json('audit', '--until', '2020-01-01T00:00:00Z')).toEqual([]);
  });

  it('says who makes a change, from where, and finds what they did', async () => {
    const { DATA_DIR = '', KEYS_URL = '' } = launched.env;
    const as = (env: Record<string, string>, ...args: string[]): ReturnType<typeof run> =>
      run(CLI, { DATA_DIR, KEYS_URL, ...env }, args);
    const put = ['owners', 'put', 'u-3', '--email'];
    await as({ KEYS_ACTOR: 'Grace of Operations' }, ...put, 'a@example.com');
    await as({ KEYS_ACTOR: 'Grace' }, '--actor', 'Ada L.', ...put, 'b@example.com');
    const SSH_CONNECTION = '2001:DB8::7 50000 192.0.2.1 22';
    await as({ SSH_CONNECTION }, ...put, 'c@example.com', '--actor', 'Hedy');

    const listed = await launched.keys('audit', '--owner', 'u-3', '--json');
    expect(JSON.parse(listed.stdout)).toMatchObject([
      { actor: 'Hedy', address: '2001:db8::7' },
      { actor: 'Ada L.', address: null },
      { actor: 'Grace of Operations', address: null },
    ]);
    const found = await launched.keys('audit', '--owner', 'u-3', '--by', 'Hedy');
    expect(found.stdout).toMatch(
      / owner\.changed +Hedy +2001:db8::7 +u-3 +[\w-]{8}\n {2}\{.*"c@example\.com"/,
    );
    expect(found.stdout.split('\n')).toHaveLength(4);
    const refused = await launched.keys('revoke', '--actor', PASTED, '0352dezfK9Gia0iM56jbgM');
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('The actor contains a whole') });
  });

  it('shows the audit log within 120 columns', async () => {
    const owner = `an-owner-with-a-long-id-${'x'.repeat(60)}`;
    const key = await launched.issue();
    const actor = `an operator with a long name ${'x'.repeat(60)}`;
    await launched.keys('--actor', actor, 'owners', 'put', owner, '--email', 'long@example.com');
    await launched.keys('--actor', actor, 'revoke', key);
    const { stdout } = await launched.keys('audit', '--limit', '20');
    const lines = stdout
      .trimEnd()
      .split('\n')
      .filter((line) => !line.startsWith('  '));
    expect(lines[1]).toMatch(/ key\.revoked +an operator w.*… /);
    expect(lines[2]).toMatch(/ owner\.created .*… .*an-owner-w.*… /);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
  });

  it('manages webhooks, whose secret it prints alone on standard output', async () => {
    const webhooks = (...args: string[]): ReturnType<typeof launched.keys> =>
      launched.keys('webhooks', ...args);
    const url = 'http://127.0.0.1:1/hooks';
    expect((await webhooks('list')).stderr).toBe('There are no webhooks.\n');
    const added = await webhooks('add', url, '--event', 'api_key.revoked', 'api_key.exposed');
    expect(added.stdout).toMatch(/^whsec_[A-Za-z0-9+/]{43}=\n$/);
    const id = /we_[0-9A-Za-z]{22}/.exec(added.stderr)?.[0] ?? '';
    expect(added.stderr).toContain("You won't see it again.");
    expect((await webhooks('list')).stdout).toContain(
      `${id}  ${url}  api_key.revoked api_key.exposed  working\n`,
    );
    expect((await webhooks('show', id)).stdout).toMatch(/public key +whpk_[A-Za-z0-9+/]{43}=\n/);

    const rotated = await webhooks('rotate-secret', id);
    expect(rotated.stdout).toMatch(/^whsec_/);
    expect(rotated.stdout).not.toBe(added.stdout);
    const tested = JSON.parse((await webhooks('test', id, '--json')).stdout);
    expect(tested).toMatchObject({ event: 'webhook.test', subject: id });
    expect((await webhooks('replay', id, tested.id)).stdout).toContain('Sending webhook.test again.');
    await until(async () => (await webhooks('deliveries', id)).stdout.includes('ECONNREFUSED'));
    expect((await webhooks('deliveries', id, '--state', 'pending')).stdout).toMatch(
      new RegExp(`\n${tested.id} +webhook\\.test +${id} +pending +`),
    );
    expect((await webhooks('list')).stdout).toMatch(/ failing since \d{4}-/);

    const changed = await webhooks('update', id, '--description', 'Alarms', '--all-events', '--disable');
    expect(changed.stdout).toMatch(/description +Alarms\nevents +all\nstate +disabled\n/);
    expect(await webhooks('test', id)).toMatchObject({
      code: 4,
      stderr: 'The webhook is disabled. Enable it first.\n',
    });
    expect(await webhooks('update', id)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^Name what to change: /),
    });
    expect((await webhooks('remove', id)).stdout).toBe(`Removed ${id} (${url}).\n`);
    expect(await webhooks('show', id)).toMatchObject({ code: 3 });
    const audited = await launched.keys('audit', '--action', 'webhook.removed', '--json');
    expect(JSON.parse(audited.stdout)).toMatchObject([
      { actor: OPERATOR, ownerId: '', details: { webhookId: id } },
    ]);
  });

  it.each<[string, number, RegExp, string[]]>([
    ['help', 0, /^$/, ['--help']],
    ['an unknown command', 2, /unknown command 'destroy'/, ['destroy']],
    ['a missing option', 2, /required option '--owner/, ['issue']],
    ['an invalid limit', 2, /Limit must be an integer from 1 to 999999\./, ['list', '--limit', '0']],
    ['an unknown kind of event', 2, /Action must be one of owner\.created, /, ['audit', '--action', 'x']],
    ['a pasted key as a search', 2, /contains a whole key/, ['owners', 'list', '--search', PASTED]],
    [
      'an unknown capability',
      2,
      /Unknown capability "desktop:own"\. Choose from/,
      ['issue', '--owner', 'ada@example.com', '--name', 'x', '--capability', 'desktop:own'],
    ],
    [
      'no capability',
      2,
      /Name what it may do: --capability <name>, or --preset <name>\./,
      ['issue', '--owner', 'ada@example.com', '--name', 'x'],
    ],
    [
      'an unknown preset',
      2,
      /No such preset\. Choose from: read-only, assistant, scheduler\./,
      ['issue', '--owner', 'ada@example.com', '--name', 'x', '--preset', 'admin'],
    ],
    [
      'an invalid rate limit',
      2,
      /Rate limit must be an integer from 1 to 1000000 requests per minute\./,
      [
        'issue',
        '--owner',
        'ada@example.com',
        '--name',
        'x',
        '--capability',
        'kb:read',
        '--rate-limit',
        '1e3',
      ],
    ],
    ['an invalid ID', 2, /22 characters after sk_live_/, ['show', 'hello']],
    ['an unknown key', 3, /No key with that ID/, ['revoke', '0352dezfK9Gia0iM56jbgM']],
    ['an unknown owner', 3, /No owner with the ID nobody/, ['list', '--owner', 'nobody']],
  ])('exits with a distinct code: %s', async (_, code, sentence, args) => {
    const program = await launched.keys(...args);
    expect(program.stderr).toMatch(sentence);
    expect(program.code).toBe(code);
  });

  it('exits with 4 if the token is wrong, and with 5 if keys does not answer', async () => {
    const { KEYS_URL = '' } = launched.env;
    const wrong = await run(CLI, { KEYS_URL, KEYS_MANAGE_TOKEN: 'x'.repeat(40) }, [
      'show',
      '0352dezfK9Gia0iM56jbgM',
    ]);
    expect(wrong).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('The management token is not valid'),
    });
    const help = await run(CLI, { KEYS_URL: 'http://127.0.0.1:9' }, ['--help']);
    expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining('keys capabilities lists it.') });
    const nobody = await run(CLI, { KEYS_URL: 'http://127.0.0.1:9', KEYS_MANAGE_TOKEN: 'x'.repeat(40) }, [
      'list',
      '--owner',
      'x',
    ]);
    expect(nobody).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('does not answer. Start it with npm start, or set KEYS_URL.'),
    });
  });

  it('prints rules for secret scanners without settings or a keys service', async () => {
    const all = await run(CLI, {}, ['scanning']);
    expect(all).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('sk_live_[0-9A-Za-z]{22}_[0-9A-Za-z]{46}'),
      stderr: expect.stringContaining("TruffleHog's Stripe"),
    });
    const one = await run(CLI, {}, ['scanning', '--prefix', 'acme', '--format', 'regex']);
    expect(one).toMatchObject({ code: 0, stdout: 'acme_[0-9A-Za-z]{22}_[0-9A-Za-z]{46}\n', stderr: '' });
    const wrong = await run(CLI, {}, ['scanning', '--prefix', 'acme_']);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringMatching(/^Prefix must look like sk_live/) });
  });

  it('finds the keys in a text, says whose they are, and revokes the active ones', async () => {
    const [first, second, revoked] = [await launched.issue(), await launched.issue(), await launched.issue()];
    await launched.keys('revoke', revoked);
    const testKey = (await run(CLI, {}, ['scanning', '--format', 'test-keys'])).stdout.split('\n')[0] ?? '';
    const idOf = (token: string): string => token.split('_')[2] ?? '';
    const log = [
      `GET /?key=%22${first}%22`,
      `{"authorization":"Bearer ${second}\\n"}`,
      `sk_live_${idOf(revoked)} was revoked; ${testKey} never existed`,
      `${second.slice(0, -1)}${second.endsWith('x') ? 'y' : 'x'} has a typing mistake`,
      idOf(first).toLowerCase(),
    ].join('\n');

    const listed = await launched.find(log);
    expect(listed.code).toBe(0);
    expect(listed.stdout).toMatch(/^ID +OWNER +NAME +STATE .* LAST USED/);
    const row = (token: string, state: string): unknown =>
      expect.stringMatching(`${idOf(token)} +ada@example.com +Production CI +${state} `);
    expect(listed.stdout.split('\n').slice(1, -1).sort()).toEqual([
      row(first, 'active'),
      row(second, 'active'),
      row(revoked, 'revoked'),
    ]);
    expect(listed.stderr).toBe(`No key with the ID ${idOf(testKey)}.\n`);
    expect(await launched.status(first)).toBe(200);

    const ended = await launched.find(log, '--revoke', '--reason', 'in a log', '--json');
    expect(ended.code).toBe(0);
    const { keys, unknown, mistyped, revocations } = JSON.parse(ended.stdout);
    expect(keys).toHaveLength(3);
    expect(keys[0].owner).toMatchObject({ email: 'ada@example.com' });
    expect([unknown, mistyped]).toEqual([[idOf(testKey)], []]);
    expect(revocations).toHaveLength(2);
    expect(revocations[0]).toMatchObject({ effective: true, key: { revocationReason: 'in a log' } });
    for (const token of [first, second]) expect(await launched.status(token)).toBe(401);
    expect((await launched.find(log, '--revoke')).stdout).not.toContain('Revoked');
  });

  it('revokes a key in a text as revoke does', async () => {
    const token = await launched.issue();
    const ended = await launched.keys('find', '--revoke', `Authorization: Bearer ${token}`);
    expect(ended).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/\nRevoked "Production CI" \(.*\); 1 gateway confirmed in .* ms\.\n$/),
    });
    expect(await launched.status(token)).toBe(401);
  });

  it.each<[string, number, RegExp, string, string[]]>([
    ['a text without a key', 3, /^No key found in the text\.\n$/, 'hello', []],
    ['a key of another deployment', 3, /No key in the text was issued here\./, '0352dezfK9Gia0iM56jbgM', []],
    ['a text that is too large', 2, /larger than 10 MB\. Split it/, ' '.repeat(10_000_001), []],
    ['a reason without --revoke', 2, /--reason needs --revoke\./, 'hello', ['--reason', 'x']],
  ])('does not find keys in %s', async (_, code, sentence, text, args) => {
    const found = await launched.find(text, ...args);
    expect(found).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(sentence) });
  });

  it('sends only the ID of a pasted key', async () => {
    const token = await launched.issue();
    await launched.keys('revoke', token);
    expect(await launched.status(token)).toBe(401);
    expect(launched.process.stdout + launched.process.stderr).not.toContain(token.slice(-46));
  });

  it('is run by npm run keys', () => {
    const { DATA_DIR = '', KEYS_URL = '' } = launched.env;
    const { PATH = '', HOME = '' } = process.env;
    const npm = spawnSync('npm', ['run', '--silent', 'keys', '--', 'list', '--owner', 'ada@example.com'], {
      cwd: ROOT,
      env: { PATH, HOME, DATA_DIR, KEYS_URL },
      encoding: 'utf8',
    });
    expect(npm.stdout).toMatch(/^ID +NAME/);
  });
});
