import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import {
  Stack,
  type StackOptions,
  type TestRedis,
  call,
  startProgram,
  startRedis,
  until,
} from '#libs/testing';
import { redisUsers } from './redis-users.js';
import { untilKept } from '../keys/verdicts.js';

const USERS = { keys: 'keys:the-redis-password-of-keys', gateways: 'gateway:the-redis-password-of-gateways' };

let redis: TestRedis;
let admin: Redis;
let stack: Stack;

async function start(options: StackOptions = {}): Promise<void> {
  stack = await Stack.start({ redis, ...options });
}

/** A Redis with the users of the documentation, and these rights added to theirs. */
async function startWithUsers(words: { keys?: string; gateway?: string } = {}): Promise<void> {
  redis = await startRedis();
  admin = new Redis(redis.url);
  for (const [user, rules] of Object.entries(redisUsers())) {
    const password = Object.values(USERS)
      .map((one) => one.split(':'))
      .find(([name]) => name === user)?.[1];
    const more = (user === 'keys' ? words.keys : words.gateway)?.split(' ') ?? [];
    await admin.call('ACL', 'SETUSER', user, 'reset', 'on', `>${password}`, ...rules, ...more);
  }
}

async function stop(): Promise<void> {
  admin.disconnect();
  await stack.stop();
}

/** How many lines of a log contain a text. */
function times(log: string, text: string): number {
  return log.split('\n').filter((line) => line.includes(text)).length;
}

const log = (which: 'keys' | 'gateway'): string =>
  (which === 'keys' ? stack.keys[0]?.service : stack.gateways[0])?.process.stdout ?? '';

const listening = async (): Promise<string | undefined> =>
  (await stack.gateways[0]?.metrics('gateway_doorbell_listening'))?.[0]?.split(' ')[1];

/** Revokes a key that a gateway has cached, and returns how long that took from its commit, in milliseconds. */
async function revoke(): Promise<{ how: string; waitedMs: number }> {
  const { key, token } = await stack.issue();
  expect((await call(`${stack.gatewayUrl}/v1/me`, token)).status).toBe(200);
  const { how, waitedMs } = await stack.manage.revoke(key.id);
  expect((await call(`${stack.gatewayUrl}/v1/me`, token)).status).toBe(401);
  return { how, waitedMs };
}

/** Waits for a revoke that takes less than that many milliseconds: others may have met a busy machine. */
async function untilRevokedWithin(ms: number): Promise<void> {
  await until(async () => (await revoke()).waitedMs < ms);
}

/** Less than a gateway without a doorbell needs. */
const BY_DOORBELL_MS = 200;

/** Waits until revocations come into effect by acknowledgment, once keys has watched for long enough. */
async function settled(): Promise<void> {
  await until(async () => (await revoke()).how === 'acknowledged');
}

describe('with the users of the documentation', () => {
  beforeAll(async () => {
    await startWithUsers();
    await admin.config('RESETSTAT');
    await start({ redisUsers: USERS, env: { RATE_LIMIT_PER_MINUTE: '60' } });
  });
  afterAll(stop);

  it('everything works, including revokes within milliseconds', async () => {
    await settled();
    await untilRevokedWithin(BY_DOORBELL_MS);
    const { token } = await stack.issue();
    const limited = await call(`${stack.gatewayUrl}/v1/me`, token);
    expect(limited.headers.get('ratelimit')).toContain('r=59');
    // After a restart, keys looks up the verdict of a key that no gateway has cached.
    const { token: other } = await stack.issue();
    await untilKept(admin, other);
    await stack.keys[0]?.service.kill();
    await stack.keys[0]?.service.restart();
    await until(async () => (await call(`${stack.gatewayUrl}/v1/me`, other)).status === 200);
    await until(async () => {
      const shown = await stack.keys[0]?.service.metrics('redis_ping_seconds{connection="verdicts"}');
      return shown?.length === 1 && !shown[0]?.includes('Nan');
    });
    await settled();
    expect(await listening()).toBe('1');
  });

  it('no right is reported as missing, and no command was refused', async () => {
    for (const which of ['keys', 'gateway'] as const) {
      expect(log(which)).not.toContain('may not');
      expect(log(which)).not.toContain('NOPERM');
    }
    expect(await admin.call('ACL', 'LOG')).toEqual([]);
  });

  it('every right is used', async () => {
    await stack.gateways[0]?.process.stop();
    const stats = await admin.info('commandstats');
    const used = new Set([...stats.matchAll(/^cmdstat_([a-z]+)/gm)].map(([, command = '']) => command));
    // For a counter that was made persistent: the script of rate-limiter-flexible restores its expiry.
    used.add('expire');
    const given = [...redisUsers().keys, ...redisUsers().gateway].filter((rule) => rule.startsWith('+'));
    expect(given.filter((rule) => !used.has(rule.slice(1)))).toEqual([]);
  });
});

describe('without a right', () => {
  afterEach(stop);

  it('to the channel, keys logs one message at start and one more when it is refused, and adds few entries', async () => {
    await startWithUsers({ keys: 'resetchannels' });
    await start({ redisUsers: USERS });
    await until(() =>
      log('keys').includes(
        'lacks rights that revocations need (publish {revocations}:added, subscribe {revocations}:acknowledged)',
      ),
    );
    expect(log('keys')).toContain(
      'run ACL SETUSER keys +publish +subscribe &{revocations}:acknowledged &{revocations}:added',
    );
    await settled();
    const before = await admin.xlen('{revocations}:stream');
    const revokes = 5;
    for (let i = 0; i < revokes; i++) expect((await revoke()).how).not.toBe('cache-ttl');
    // For each key created and revoked: its owner, who was updated, and the key; sometimes one is added again.
    expect(await admin.xlen('{revocations}:stream')).toBeLessThan(before + 10 * revokes);
    expect(times(log('keys'), 'may not publish to {revocations}:added')).toBe(1);
    expect(times(log('keys'), 'lacks rights that revocations need')).toBe(1);
  });

  it('to the channel, gateways log a message at start, and revokes take half a second', async () => {
    await startWithUsers({ gateway: 'resetchannels' });
    await start({ redisUsers: USERS });
    await until(() =>
      log('gateway').includes(
        'lacks rights that revocations need (publish {revocations}:acknowledged, subscribe {revocations}:added)',
      ),
    );
    expect(log('gateway')).toContain(
      'run ACL SETUSER gateway +publish +subscribe &{revocations}:acknowledged &{revocations}:added',
    );
    await until(() => log('gateway').includes('the doorbell of revocations does not work'));
    expect(await listening()).toBe('0');
    await settled();
  });

  it('for anything else, a message for each use is logged, and requests are served as without Redis', async () => {
    await startWithUsers({ keys: '-get', gateway: '-xrevrange -incrby' });
    await start({ redisUsers: USERS });
    await until(() =>
      log('keys').includes('lacks rights that verdicts need (get verdict:*): run ACL SETUSER keys +get'),
    );
    await until(() =>
      log('gateway').includes('lacks rights that revocations need (xrevrange {revocations}:*)'),
    );
    await until(() => log('gateway').includes('lacks rights that rate limits need (incrby rate-limit:*)'));
    const { token } = await stack.issue();
    expect((await call(`${stack.gatewayUrl}/v1/me`, token)).status).toBe(200);
  });
});

describe('revoking the right to the channel while a gateway runs', () => {
  beforeAll(async () => {
    await startWithUsers();
    await start({ redisUsers: USERS });
    await settled();
  });
  afterAll(stop);

  it('does not stop it: it serves, logs that once, and uses the channel again once it has the right', async () => {
    const gateway = stack.gateways[0]?.process;
    const { token } = await stack.issue();
    expect((await call(`${stack.gatewayUrl}/v1/me`, token)).status).toBe(200);
    await admin.call('ACL', 'SETUSER', 'gateway', 'resetchannels');
    await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await until(() => log('gateway').includes('the doorbell of revocations does not work'));
    for (let i = 0; i < 3; i++) {
      // A client that resubscribes is refused, whatever the reason of the new connection.
      await sleep(700);
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      expect((await call(`${stack.gatewayUrl}/v1/me`, token)).status).toBe(200);
    }
    expect(await listening()).toBe('0');
    expect(times(log('gateway'), 'the doorbell of revocations does not work')).toBe(1);
    expect(log('gateway')).toContain('NOPERM');

    await admin.call('ACL', 'SETUSER', 'gateway', '&{revocations}:added');
    await gateway?.waitForOutput('the doorbell of revocations works again');
    await until(async () => (await listening()) === '1');
    await settled();
    await untilRevokedWithin(BY_DOORBELL_MS);
    expect(log('gateway')).not.toContain('something in the background has failed');
  });
});

describe('a doorbell whose connection is dead, but not closed', () => {
  beforeAll(async () => {
    redis = await startRedis();
    admin = new Redis(redis.url);
    await start();
    await settled();
  });
  afterAll(stop);

  it('is noticed within seconds, and reconnected', async () => {
    stack.network.gatewaysToRedis.silence('\r\nsubscribe\r\n');
    await until(async () => (await listening()) === '0');
    // The lease continues, since it uses another connection.
    await until(
      async () => (await stack.gateways[0]?.metrics('gateway_lease_held'))?.[0] === 'gateway_lease_held 1',
    );
    await until(async () => (await listening()) === '1');
    await settled();
    await untilRevokedWithin(BY_DOORBELL_MS);
  });
});

describe('two deployments on one Redis', () => {
  let other: Stack;
  beforeAll(async () => {
    redis = await startRedis();
    admin = new Redis(redis.url);
    await start({ env: { REDIS_PREFIX: 'blue:' } });
    // Closed with the first one.
    other = await Stack.start({
      redis: { ...redis, stop: () => Promise.resolve() },
      env: { REDIS_PREFIX: 'green:' },
    });
  });
  afterAll(async () => {
    await other.stop();
    await stop();
  });

  it('are isolated: a hanging gateway only delays revokes of its own deployment', async () => {
    await settled();
    other.gateways[0]?.process.signal('SIGSTOP');
    await settled();
    expect(await stack.keys[0]?.service.metrics('keys_gateways_registered')).toEqual([
      'keys_gateways_registered 1',
    ]);
    await untilRevokedWithin(BY_DOORBELL_MS);
    other.gateways[0]?.process.signal('SIGCONT');

    const { token } = await other.issue();
    await until(async () => (await call(`${other.gatewayUrl}/v1/me`, token)).status === 200);
    const names = await admin.keys('*');
    expect(names.filter((name) => !/^(blue|green):/.test(name))).toEqual([]);
    for (const use of ['{revocations}:state', '{revocations}:stream', 'verdict:', 'rate-limit:'])
      expect(
        names.filter((name) => name.startsWith(`green:${use}`) || name.startsWith(`blue:${use}`)),
      ).not.toEqual([]);
    expect(await admin.call('PUBSUB', 'CHANNELS')).toEqual(
      expect.arrayContaining(['blue:{revocations}:added', 'green:{revocations}:added']),
    );
  });

  it('have users that cannot access each other’s data', () => {
    const { keys, gateway } = redisUsers('blue:');
    for (const rules of [keys, gateway])
      for (const rule of rules.filter((one) => /^[~&]/.test(one))) expect(rule.slice(1)).toMatch(/^blue:/);
  });
});

describe('a misconfigured Redis', () => {
  afterEach(stop);

  it('causes a warning if it evicts keys that do not expire', async () => {
    redis = await startRedis(['--maxmemory-policy', 'allkeys-lru']);
    admin = new Redis(redis.url);
    await start();
    for (const which of ['keys', 'gateway'] as const) {
      await until(() => log(which).includes('Redis has maxmemory-policy allkeys-lru'));
      expect(times(log(which), 'maxmemory-policy')).toBe(1);
    }
  });

  it('causes a message if the password is wrong', async () => {
    redis = await startRedis(['--requirepass', 'the-redis-password-of-the-tests']);
    admin = new Redis(redis.url.replace('//', '//:the-redis-password-of-the-tests@'));
    await start();
    const where = `Redis at 127.0.0.1:${stack.network.eachGatewayToRedis[0]?.port}`;
    await until(() => log('gateway').includes(`${where} requires a password: set REDIS_PASSWORD.`));
    await until(() => log('keys').includes('requires a password: set REDIS_PASSWORD.'));
    const wrong = startProgram('bin/gateway.js', {
      ...stack.env,
      GATEWAY_PORT: '0',
      REDIS_PASSWORD: 'another-password-of-the-tests',
    });
    await wrong.waitForOutput('refuses the user or the password: correct REDIS_PASSWORD, or REDIS_URL.');
    await sleep(1500);
    // Once for what it means for each use, and not for each attempt.
    expect(times(wrong.stdout, 'refuses the user or the password')).toBeLessThanOrEqual(3);
    expect(wrong.stdout + log('gateway') + log('keys')).not.toContain('enableOfflineQueue');
    expect(wrong.stdout).not.toContain('another-password-of-the-tests');
    await wrong.stop();
  });
});
