import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { KeyFormat, findKeyId, keyIdFromUuid, newKeyId } from '#libs/key-format';
import { VerifyClient } from '#libs/keys-client';
import { MAX_USES } from '#libs/keys-contract';
import { Stack, TEST_SECRETS, call, startProgram } from '#libs/testing';

let stack: Stack;
let client: VerifyClient;

async function start(
  everySeconds: number,
  options: { gateways?: number; keys?: number } = {},
): Promise<void> {
  stack = await Stack.start({ ...options, env: { LAST_USED_EVERY_SECONDS: String(everySeconds) } });
  client = connectTo(stack.keys[0]?.verifyPort);
}
async function stop(): Promise<void> {
  client.close();
  await stack.stop();
}

function connectTo(port = 0, credential: string = TEST_SECRETS.KEYS_VERIFY_TOKEN): VerifyClient {
  return new VerifyClient({ url: `tcp://127.0.0.1:${port}`, credential });
}

const me = async (token: string): Promise<number> => (await call(`${stack.gatewayUrl}/v1/me`, token)).status;

/** When a key was used last, in milliseconds since 1970. */
async function lastUsed(keyId: string): Promise<number | null> {
  const { lastUsedAt } = await stack.manage.get(keyId);
  return lastUsedAt === null ? null : Date.parse(lastUsedAt);
}

/** Waits until it shows that a key was used after `since`. */
async function shownAfter(keyId: string, since: number): Promise<number> {
  const deadline = Date.now() + 300_000;
  for (;;) {
    const at = await lastUsed(keyId);
    if (at !== null && at >= since) return at;
    if (Date.now() > deadline) throw new Error('the use does not show');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** How much later than the report a use may show, since the report takes time on a busy machine. In milliseconds. */
const SLACK_MS = 3000;

/** How much earlier a use may show than it was, since clocks are read at different times. */
const ROUNDING_MS = 50;

/** How much later than the use a report must be to distinguish them. */
const REPORTED_LATER_MS = 2 * SLACK_MS;

describe('when a key was used last', () => {
  describe('at a gateway that reports every second', () => {
    beforeAll(() => start(1));
    afterAll(stop);

    it('shows soon, with the time of the use and not of the report', async () => {
      const { token, key } = await stack.issue();
      expect(key.lastUsedAt).toBeNull();
      const before = Date.now() - ROUNDING_MS;
      expect(await me(token)).toBe(200);
      const after = Date.now() + SLACK_MS;
      expect(await shownAfter(key.id, before)).toBeLessThan(after);
      // From the cache of the gateway, too.
      const again = Date.now() - ROUNDING_MS;
      expect(await me(token)).toBe(200);
      await shownAfter(key.id, again);
    });

    it('is null if the key was only refused, and stays when it is revoked', async () => {
      const [unused, revoked, other] = [await stack.issue(), await stack.issue(), await stack.issue()];
      const format = new KeyFormat({ prefix: 'sk_live', tagSecrets: [TEST_SECRETS.KEY_TAG_SECRET] });
      expect(await me(format.print(findKeyId(unused.key.id) ?? newKeyId()).text)).toBe(401);
      await me(revoked.token);
      const at = await shownAfter(revoked.key.id, 0);
      await stack.manage.revoke(revoked.key.id);
      expect(await me(revoked.token)).toBe(401);
      await me(other.token); // reported later
      await shownAfter(other.key.id, 0);
      expect(await lastUsed(revoked.key.id)).toBe(at);
      expect(await lastUsed(unused.key.id)).toBeNull();
    });

    it('is shown by the command line', async () => {
      const { token, key } = await stack.issue('grace');
      const run = async (...args: string[]): Promise<string> => {
        const env = { KEYS_URL: stack.keysUrl, KEYS_MANAGE_TOKEN: TEST_SECRETS.KEYS_MANAGE_TOKEN };
        const program = startProgram('bin/cli.js', env, args);
        await program.exited;
        return program.stdout;
      };
      expect(await run('list', '--owner', 'grace')).toMatch(
        /LAST USED.*\n.* never {2,}never {2,}anywhere\n$/,
      );
      expect(await run('show', key.id)).toMatch(/^last used +never$/m);
      await me(token);
      await shownAfter(key.id, 0);
      const { lastUsedAt } = await stack.manage.get(key.id);
      expect(await run('list', '--owner', 'grace')).toContain(` ${lastUsedAt?.slice(0, 16)}Z `);
      expect(await run('show', key.id)).toContain(lastUsedAt);
    });
  });

  describe('whatever happens', () => {
    afterEach(stop);

    it('is not written for each request, and is reported before a gateway stops', async () => {
      await start(20);
      const { token, key } = await stack.issue();
      for (let i = 0; i < 20; i++) expect(await me(token)).toBe(200);
      const last = Date.now() - ROUNDING_MS;
      expect(await me(token)).toBe(200);
      expect(await lastUsed(key.id)).toBeNull();
      await stack.gateways[0]?.process.stop();
      expect(await lastUsed(key.id)).toBeGreaterThan(last);
    });

    it('is reported later if keys was down', async () => {
      await start(1);
      const { token, key } = await stack.issue();
      await me(token);
      await shownAfter(key.id, 0);
      const [keys] = stack.keys;
      await keys?.service.process.stop();
      const before = Date.now() - ROUNDING_MS;
      expect(await me(token)).toBe(200); // from the cache
      const after = Date.now() + SLACK_MS;
      await stack.gateways[0]?.process.waitForOutput('cannot be reported');
      await sleep(REPORTED_LATER_MS);
      await keys?.service.restart();
      expect(await shownAfter(key.id, before)).toBeLessThan(after);
    });

    it('is reported later if the row is locked', async () => {
      await start(1);
      const [held, free] = [await stack.issue(), await stack.issue()];
      const holder = new pg.Client({ connectionString: stack.database.url });
      await holder.connect();
      await holder.query(`BEGIN; SELECT FROM api_keys FOR UPDATE`);
      const before = Date.now() - ROUNDING_MS;
      await Promise.all([me(held.token), me(free.token)]);
      const after = Date.now() + SLACK_MS;
      await stack.gateways[0]?.process.waitForOutput('cannot be reported');
      await sleep(REPORTED_LATER_MS);
      await holder.query('ROLLBACK');
      for (const { key } of [held, free]) expect(await shownAfter(key.id, before)).toBeLessThan(after);
      await holder.end();
    });
  });
});

describe('a report of uses', () => {
  beforeAll(() => start(20, { gateways: 0, keys: 2 }));
  afterAll(stop);

  it('moves the time forward and never back', async () => {
    const { id } = (await stack.issue()).key;
    await client.report({ [id]: 60_000 });
    const first = await lastUsed(id);
    expect(Math.abs((first ?? 0) - (Date.now() - 60_000))).toBeLessThan(5000);
    await client.report({ [id]: 3_600_000 });
    expect(await lastUsed(id)).toBe(first);
    await client.report({ [id]: 0, [newKeyId()]: 0 });
    const now = await lastUsed(id);
    expect(now).toBeGreaterThan((first ?? 0) + 30_000);
    expect(now).toBeLessThanOrEqual(Date.now() + SLACK_MS);
  });

  it('may arrive at the same time as others about the same keys, in any order', async () => {
    await stack.manage.putOwner('grace', { email: 'grace@example.com' });
    const { rows } = await stack.database.query(
      `INSERT INTO api_keys (id, owner_id, name, capabilities, secret_hash, last4, created_by)
       SELECT uuidv7(), 'grace', 'x', '{kb:read}', '$2b$04$x', 'abcd', 'x' FROM generate_series(1, $1) RETURNING id`,
      [MAX_USES],
    );
    const ids = rows.map(({ id }) => keyIdFromUuid(id));
    const clients = stack.keys.map(({ verifyPort }) => connectTo(verifyPort));
    const report = (i: number): Promise<void> => {
      const order = i % 4 < 2 ? ids : ids.toReversed();
      const uses = Object.fromEntries(order.map((id) => [id, i * 1000]));
      // One that waits for too long is refused, and retried as a gateway does.
      const send = (): Promise<void> =>
        clients[i % 2]?.report(uses).catch(send) ?? Promise.reject(new Error());
      return send();
    };
    const started = Date.now();
    await Promise.all(Array.from({ length: 8 }, (_, i) => report(7 - i)));
    const { rows: written } = await stack.database.query(
      `SELECT min(last_used_at) AS first, count(*)::int AS count FROM api_keys WHERE owner_id = 'grace'`,
    );
    expect(written[0].count).toBe(MAX_USES);
    expect(written[0].first.getTime()).toBeGreaterThan(started - SLACK_MS);
    for (const one of clients) one.close();
  });

  it('is refused with a wrong token', async () => {
    const { id } = (await stack.issue()).key;
    const stranger = connectTo(stack.keys[0]?.verifyPort, 'x'.repeat(40));
    await expect(stranger.report({ [id]: 0 })).rejects.toThrow('no replica of keys has written');
    expect(await lastUsed(id)).toBeNull();
    stranger.close();
  });

  it('is refused, and changes nothing, if it is invalid as a whole', async () => {
    const { id } = (await stack.issue()).key;
    const credential = TEST_SECRETS.KEYS_VERIFY_TOKEN;
    const tooMany = Object.fromEntries(Array.from({ length: MAX_USES + 1 }, () => [newKeyId(), 0]));
    const wrong: unknown[] = [
      { credential },
      { credential, uses: null },
      { credential, uses: [[id, 0]] },
      { credential, uses: id },
      { credential, uses: { [id]: 0 }, at: 'now' },
      { credential, uses: { ...tooMany, [id]: 0 } },
    ];
    for (const data of wrong) {
      expect(await ask({ pattern: 'used.v1', data, id: '1' })).toContain('a report has uses');
    }
    expect(await lastUsed(id)).toBeNull();
  });

  it('is recorded except for invalid entries', async () => {
    const credential = TEST_SECRETS.KEYS_VERIFY_TOKEN;
    const ids = await Promise.all([1, 2, 3, 4, 5].map(async () => (await stack.issue()).key.id));
    const [good = '', ...bad] = ids;
    const wrong = Object.fromEntries(bad.map((id, index) => [id, [-1, 0.5, '0', 1e300][index]]));
    const data = { credential, uses: { ...wrong, hello: 0, [good]: 0 } };
    expect(await ask({ pattern: 'used.v1', data, id: '1' })).toContain('"response":true');
    expect(await lastUsed(good)).not.toBeNull();
    for (const id of bad) expect(await lastUsed(id)).toBeNull();
  });
});

/** Sends a message to the verification RPC unchanged; returns the answer. */
function ask(message: unknown): Promise<string> {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(message);
    const socket = connect(stack.keys[0]?.verifyPort ?? 0, '127.0.0.1', () =>
      socket.write(`${text.length}#${text}`),
    );
    socket.once('data', (chunk) => {
      socket.destroy();
      resolve(chunk.toString());
    });
    socket.on('error', reject);
  });
}
