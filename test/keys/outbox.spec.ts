import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { keyIdToUuid, isKeyId } from '#libs/key-format';
import { DEFAULT_TIMINGS } from '#libs/revocations';
import { Stack, call, until } from '#libs/testing';

describe('a revocation whose replica died after the commit and before publishing it', () => {
  let stack: Stack;
  beforeAll(async () => void (stack = await Stack.start({ keys: 2 })));
  afterAll(() => stack.stop());

  const me = (token: string) => call(`${stack.gatewayUrl}/v1/me`, token);

  /** Does what a replica does that dies right after its commit. */
  async function commitAndDie(keyId: string): Promise<void> {
    if (!isKeyId(keyId)) throw new TypeError(`${keyId} is no key id`);
    await stack.database.query(
      `WITH revoked AS (UPDATE api_keys SET revoked_at = now(), revoked_by = 'test' WHERE id = '${keyIdToUuid(keyId)}')
       INSERT INTO revocation_outbox (kind, target) VALUES ('key', '${keyId}')`,
    );
  }

  async function waiting(): Promise<number> {
    const { rows } = await stack.database.query('SELECT count(*)::integer AS waiting FROM revocation_outbox');
    return rows[0].waiting;
  }

  /** How long a gateway still accepts a key that it has just cached, in milliseconds. */
  async function relayMs(): Promise<number> {
    const { token, key } = await stack.issue();
    const cachedAt = performance.now();
    expect((await me(token)).status).toBe(200);
    await commitAndDie(key.id);
    await until(async () => (await me(token)).status === 401);
    return performance.now() - cachedAt;
  }

  it('is relayed by another replica before caches expire', async () => {
    // The fastest of several: a busy machine may need as long as caches are kept.
    await until(async () => (await relayMs()) < DEFAULT_TIMINGS.cacheTtlMs);
    await until(async () => (await waiting()) === 0);
  });

  it('waits in the outbox while Redis is down, and is relayed when it is back', async () => {
    const { key } = await stack.issue();
    stack.network.keysToRedis.cut();
    await commitAndDie(key.id);
    await until(() => Promise.resolve(stack.logs.includes('the outbox of revocations is not relayed')));
    expect(await waiting()).toBe(1);
    expect(await stack.keys[0]?.service.metrics('keys_revocation_outbox_waiting')).toEqual([
      'keys_revocation_outbox_waiting 1',
    ]);
    stack.network.keysToRedis.mend();
    await until(async () => (await waiting()) === 0);
  });

  it('is relayed even if PostgreSQL has closed the listening connections', async () => {
    const listening = `FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'LISTEN%'`;
    await stack.database.query(`SELECT pg_terminate_backend(pid) ${listening}`);
    const { key } = await stack.issue();
    await commitAndDie(key.id);
    await until(async () => (await waiting()) === 0);
    const isHeard = async () => (await stack.database.query(`SELECT ${listening}`)).rowCount === 2;
    await until(isHeard);
  });

  it('leaves nothing in the outbox if no replica dies', async () => {
    const { key } = await stack.issue();
    await stack.manage.revoke(key.id);
    await stack.manage.suspendOwner('ada');
    await until(async () => (await waiting()) === 0);
  });
});
