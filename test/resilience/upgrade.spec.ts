import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LE_BUREAU } from '#libs/catalogue';
import { KeyFormat, newKeyId } from '#libs/key-format';
import { ManageClient, VerifyClient } from '#libs/keys-client';
import type { Revocation } from '#libs/keys-contract';
import {
  type KeysProcess,
  type ServiceProcess,
  TEST_SECRETS,
  type TestDatabase,
  type TestRedis,
  callOnce,
  makeDatabase,
  noteIssued,
  startDashboardProcess,
  startGatewayProcess,
  startKeysProcess,
  startProgram,
  startRedis,
  VERSION_BEFORE,
  compileVersion,
  Percentiles,
} from '#libs/testing';
import { Visitor } from '../dashboard/visitor.js';
import { Workload } from './chaos/workload.js';

/*
 * Version 0.1.0 beside this one, as during an upgrade. The two keep different logs in Redis, and each records its own in
 * PostgreSQL when it finds the other's there. Whatever is recorded at a moment, a returned revoke holds.
 */
const VERSIONS = ['0.1.0', 'this'] as const;
type Version = (typeof VERSIONS)[number];

/** Where a version is compiled; undefined for this one. */
const dists: Record<Version, string | undefined> = { '0.1.0': undefined, this: undefined };
beforeAll(() => {
  dists['0.1.0'] = compileVersion(VERSION_BEFORE);
});

/** How long to poll on a busy machine. */
const DEADLINE_MS = 300_000;

/** Waits until `look` finds something. */
async function found<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  while (Date.now() < deadline) {
    const it = await look();
    if (it !== undefined && it !== false) return it;
    await sleep(50);
  }
  throw new Error(`it has not become true: ${what}`);
}

/** Processes of any version, with their own PostgreSQL database and Redis. */
class Fleet {
  readonly keys: KeysProcess[] = [];
  readonly gateways: ServiceProcess[] = [];

  private constructor(
    private readonly database: TestDatabase,
    private readonly redis: TestRedis,
  ) {}

  static async start(): Promise<Fleet> {
    return new Fleet(...(await Promise.all([makeDatabase(), startRedis()])));
  }

  async addKeys(version: Version): Promise<KeysProcess> {
    const env = { ...this.#env(), DATABASE_URL: this.database.url, BCRYPT_COST: '4', BCRYPT_QUEUE: '1000' };
    const keys = await startKeysProcess(env, dists[version]);
    this.keys.push(keys);
    return keys;
  }

  /** A gateway that asks `keys`. */
  async addGateway(version: Version, keys: readonly KeysProcess[]): Promise<ServiceProcess> {
    const env = {
      ...this.#env(),
      KEYS_VERIFY_URL: keys.map(({ verifyPort }) => `tcp://127.0.0.1:${verifyPort}`).join(),
      RATE_LIMIT_PER_MINUTE: '1000000',
      FAILED_AUTHENTICATIONS_PER_MINUTE: '1000000',
      LAST_USED_EVERY_SECONDS: '1',
    };
    const gateway = await startGatewayProcess(env, dists[version]);
    this.gateways.push(gateway);
    return gateway;
  }

  /** A dashboard of this version. */
  addDashboard(keysUrl: string): Promise<ServiceProcess> {
    return startDashboardProcess({
      ...this.#env(),
      DASHBOARD_DATABASE_URL: this.database.url,
      KEYS_MANAGE_URL: keysUrl,
      GATEWAY_URL: this.gateways[0]?.url ?? '',
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.gateways.map(({ process }) => process.stop()));
    await Promise.all(this.keys.map(({ service }) => service.process.stop()));
    await Promise.all([this.redis.stop(), this.database.close()]);
  }

  #env(): Record<string, string> {
    return { ...TEST_SECRETS, REDIS_URL: this.redis.url };
  }
}

function manageOf({ service }: KeysProcess): ManageClient {
  return new ManageClient({ url: service.url, credential: TEST_SECRETS.KEYS_MANAGE_TOKEN });
}

async function status(gateway: ServiceProcess, token: string): Promise<number> {
  return (await callOnce(`${gateway.url}/v1/me`, token)).status;
}

/** Checks what a workload has recorded, and prints how long its revokes took. */
function judge(what: string, { history, revokes }: Workload): void {
  const { acceptedAfterReturn, validRefused, accepted, refused } = history.check();
  expect(acceptedAfterReturn).toEqual([]);
  expect(validRefused).toEqual([]);
  expect(accepted).toBeGreaterThan(revokes.length);
  expect(refused).toBeGreaterThan(revokes.length);
  const waited = new Percentiles(revokes.map(({ revocation }) => revocation.waitedMs));
  const ways = revokes.map(({ revocation }) => revocation.how);
  const count = (how: Revocation['how']): string => `${ways.filter((way) => way === how).length} ${how}`;
  process.stderr.write(
    `\n${what}: ${accepted + refused} requests; ${count('acknowledged')}, ${count('lease')}, ${count('cache-ttl')}; ` +
      `p50 ${waited.at(0.5).toFixed(0)} ms, longest ${waited.at(1).toFixed(0)} ms\n`,
  );
}

describe('version 0.1.0 beside this one', () => {
  interface Pair {
    readonly versions: string;
    readonly keys: KeysProcess;
    readonly gateway: ServiceProcess;
  }
  let fleet: Fleet;
  let pairs: Pair[];
  beforeAll(async () => {
    fleet = await Fleet.start();
    // This version migrates before the other one starts.
    const keys = { this: await fleet.addKeys('this'), '0.1.0': await fleet.addKeys('0.1.0') };
    pairs = await Promise.all(
      VERSIONS.flatMap((ofGateway) =>
        VERSIONS.map(async (ofKeys) => ({
          versions: `a gateway of ${ofGateway} and keys of ${ofKeys}`,
          keys: keys[ofKeys],
          gateway: await fleet.addGateway(ofGateway, [keys[ofKeys]]),
        })),
      ),
    );
  });
  afterAll(() => fleet.stop());

  /** A combination of processes, and what must come of it. */
  async function use({ versions, keys, gateway }: Pair): Promise<void> {
    const manage = manageOf(keys);
    const [ada, eve] = [`ada of ${versions}`, `eve of ${versions}`];
    await manage.putOwner(ada, { email: 'ada@example.com' });
    await manage.putOwner(eve, { email: 'eve@example.com' });
    const issue = async (owner: string, more: { rateLimitPerMinute?: number; expiresAt?: string } = {}) => {
      const issued = await manage.issue(owner, { name: 'x', capabilities: ['desktop:read'], ...more });
      noteIssued(issued.token);
      return issued;
    };

    const limited = await issue(ada, { rateLimitPerMinute: 3 });
    const answers = await Promise.all(Array.from({ length: 10 }, () => status(gateway, limited.token)));
    expect(new Set(answers)).toEqual(new Set([200, 429]));
    await found(`${versions}: what a key has done`, async () => {
      const { activity } = await manage.activity(limited.key.id);
      const total = activity.reduce((sum, { count }) => sum + count, 0);
      return activity.length === 2 && total >= answers.length;
    });
    await found(
      `${versions}: when a key was used`,
      async () => (await manage.get(limited.key.id)).lastUsedAt ?? undefined,
    );

    const expiring = await issue(ada, { expiresAt: new Date(Date.now() + 3000).toISOString() });
    await found(`${versions}: the end of a key`, async () => (await status(gateway, expiring.token)) === 401);
    const format = new KeyFormat({ prefix: 'sk_live', tagSecrets: [TEST_SECRETS.KEY_TAG_SECRET] });
    expect(await status(gateway, format.print(newKeyId()).text)).toBe(401);

    const [revoked, suspended] = [await issue(ada), await issue(eve)];
    expect(await status(gateway, revoked.token)).toBe(200);
    expect(await status(gateway, suspended.token)).toBe(200);
    await Promise.all([manage.revoke(revoked.key.id), manage.suspendOwner(eve)]);
    for (const other of fleet.gateways) {
      expect(await status(other, revoked.token)).toBe(401);
      expect(await status(other, suspended.token)).toBe(401);
    }
    expect((await manage.findOwnersByEmail('eve@example.com')).map(({ id }) => id)).toContain(eve);
    expect((await manage.list(ada, { state: 'revoked' })).keys.map(({ id }) => id)).toEqual([revoked.key.id]);
  }

  it('only keys of this version tell their catalogue, and nobody fails for it', async () => {
    const told = async ({ service, verifyPort }: KeysProcess) => {
      const credential = TEST_SECRETS.KEYS_VERIFY_TOKEN;
      const client = new VerifyClient({
        url: `tcp://127.0.0.1:${verifyPort}`,
        credential,
        timeoutMs: DEADLINE_MS,
      });
      const manage = new ManageClient({ url: service.url, credential: TEST_SECRETS.KEYS_MANAGE_TOKEN });
      const both = [await client.catalogue(), await manage.catalogue()] as const;
      client.close();
      return both;
    };
    const [ofThis, older] = await Promise.all(fleet.keys.map(told));
    expect(ofThis).toEqual([
      { outcome: 'known', capabilities: LE_BUREAU.names },
      expect.objectContaining({ title: 'Le Bureau' }),
    ]);
    expect(older).toEqual([{ outcome: 'unknown' }, undefined]);
  });

  it('a command line and a dashboard of this version get along with keys that tell no catalogue', async () => {
    const KEYS_URL = fleet.keys[1]?.service.url ?? '';
    const { KEYS_MANAGE_TOKEN } = TEST_SECRETS;
    const keys = async (...args: string[]) => {
      // The address of the operator, of which 0.1.0 knows nothing.
      const SSH_CONNECTION = '203.0.113.7 50000 192.0.2.1 22';
      const program = startProgram('bin/cli.js', { KEYS_URL, KEYS_MANAGE_TOKEN, SSH_CONNECTION }, args);
      return { code: await program.exited, program };
    };
    await new ManageClient({ url: KEYS_URL, credential: KEYS_MANAGE_TOKEN }).putOwner('grace', {
      email: 'grace@example.com',
    });
    const list = await keys('capabilities');
    expect(list.code).toBe(2);
    expect(list.program.stderr).toContain('Update it.');
    const issue = ['issue', '--owner', 'grace', '--name', 'x', '--capability'];
    const [good, wrong] = [await keys(...issue, 'kb:read'), await keys(...issue, 'kb:own')];
    noteIssued(good.program.stdout.trim());
    expect([good.code, wrong.code]).toEqual([0, 2]);
    expect(wrong.program.stderr).toContain('"kb:own"');

    const dashboard = await fleet.addDashboard(KEYS_URL);
    const ada = new Visitor(dashboard.url);
    await ada.signUp();
    expect((await ada.get('/api/session')).body.title).toBeNull();
    expect(await ada.get('/api/catalogue')).toMatchObject({
      status: 503,
      body: { code: 'keys_unreachable' },
    });
    await dashboard.process.stop();
  });

  it('only gateways of this version accept a key with allowed addresses, and 0.1.0 issues none', async () => {
    const [older, ofThis] = [fleet.keys[1], fleet.keys[0]].map((keys) => keys && manageOf(keys));
    const request = { name: 'x', capabilities: ['desktop:read'], allowedIps: ['127.0.0.1'] };
    await ofThis?.putOwner('heidi', { email: 'heidi@example.com' });
    await expect(older?.issue('heidi', request)).rejects.toMatchObject({ code: 'invalid_request' });
    const { token } = (await ofThis?.issue('heidi', request)) ?? { token: '' };
    noteIssued(token);
    const ofKeys = pairs.filter(({ keys }) => keys === fleet.keys[0]);
    expect(ofKeys).toHaveLength(2);
    for (const { versions, gateway } of ofKeys)
      expect([versions, await status(gateway, token)]).toEqual([
        versions,
        versions.startsWith('a gateway of this') ? 200 : 401,
      ]);
  });

  it('every gateway refuses a paused key that this version is asked about, and accepts it once it is resumed', async () => {
    const ofThis = fleet.keys[0] && manageOf(fleet.keys[0]);
    await ofThis?.putOwner('judy', { email: 'judy@example.com' });
    const issued = await ofThis?.issue('judy', { name: 'x', capabilities: ['desktop:read'] });
    const { token, id } = { token: issued?.token ?? '', id: issued?.key.id ?? '' };
    noteIssued(token);
    const statuses = () =>
      Promise.all(
        pairs.filter(({ keys }) => keys === fleet.keys[0]).map(({ gateway }) => status(gateway, token)),
      );
    expect(await statuses()).toEqual([200, 200]);
    await ofThis?.pause(id);
    expect(await statuses()).toEqual([401, 401]);
    await ofThis?.resume(id);
    expect(await statuses()).toEqual([200, 200]);
  });

  it('every gateway understands every keys service, and a returned revoke holds', async () => {
    expect(pairs).toHaveLength(4);
    const workload = new Workload(fleet, 30, 30);
    // Everything is over before the processes are stopped, whatever fails.
    const results = await Promise.allSettled([workload.run(() => Promise.resolve()), ...pairs.map(use)]);
    expect(results.filter((result) => result.status === 'rejected')).toEqual([]);
    judge('both versions at once', workload);
  });
});

describe('version 0.1.0 is replaced by this one, and this one by it', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await Fleet.start();
    await Promise.all([fleet.addKeys('0.1.0'), fleet.addKeys('0.1.0')]);
    await Promise.all([fleet.addGateway('0.1.0', fleet.keys), fleet.addGateway('0.1.0', fleet.keys)]);
  });
  afterAll(() => fleet.stop());

  /** One process after the other. */
  async function replaceAll(processes: readonly ServiceProcess[], by: Version): Promise<void> {
    for (const each of processes) await each.replace(dists[by]);
  }

  /**
   * Revokes at every replica until all gateways acknowledge: what was cached under the other log expires once. Resolves with
   * how many milliseconds that took.
   */
  async function untilQuick(): Promise<number> {
    const beganAt = performance.now();
    let waitsForCaches = 0;
    for (;;) {
      const ways = await Promise.all(fleet.keys.map(revokeOne));
      if (ways.every((how) => how === 'acknowledged')) return Math.round(performance.now() - beganAt);
      // Once, unless Redis does not answer in time on a busy machine.
      if (ways.includes('cache-ttl')) expect(++waitsForCaches).toBeLessThanOrEqual(3);
    }
  }

  async function revokeOne(keys: KeysProcess): Promise<Revocation['how']> {
    const manage = manageOf(keys);
    const { key, token } = await manage.issue('ada', { name: 'x', capabilities: ['desktop:read'] });
    noteIssued(token);
    return (await manage.revoke(key.id)).how;
  }

  it('one process after the other, keys first, while returned revokes hold', async () => {
    const services = fleet.keys.map(({ service }) => service);
    const workload = new Workload(fleet, 30, 12);
    await workload.run(async () => {
      for (const version of ['this', '0.1.0'] as const) {
        await replaceAll(services, version);
        // From now on, revokes only wait for gateways of this version, and those of the other must not have cached anything.
        const afterMs = await untilQuick();
        process.stderr.write(`\nwith keys of ${version} alone, revokes are quick after ${afterMs} ms\n`);
        await replaceAll(fleet.gateways, version);
      }
      await untilQuick();
    });
    judge('one version after the other', workload);
  });
});
