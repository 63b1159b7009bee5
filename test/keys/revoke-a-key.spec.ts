import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ManageRefused } from '#libs/keys-client';
import { Stack, TEST_SECRETS, acknowledged, call, startGatewayProcess } from '#libs/testing';

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.start({ gateways: 2, keys: 2 });
});
afterAll(() => stack.stop());

/** Each gateway's status for a key. */
async function statuses(token: string): Promise<number[]> {
  return Promise.all(stack.gateways.map(async ({ url }) => (await call(`${url}/v1/me`, token)).status));
}

describe('a revoked key', () => {
  it('is refused by every gateway once the revoke has returned, although they had it cached', async () => {
    for (let i = 0; i < 20; i++) {
      const { token, key } = await stack.issue();
      expect(await statuses(token)).toEqual([200, 200]);
      const revoke = () => stack.manage.revoke(key.id, { reason: 'leaked', actor: 'ada' });
      const first = await revoke();
      expect(await statuses(token)).toEqual([401, 401]);
      const revocation = first.how === 'acknowledged' ? first : await acknowledged(revoke);
      expect(revocation).toMatchObject({ effective: true, gateways: 2, how: 'acknowledged' });
      expect(revocation.key).toMatchObject({
        state: 'revoked',
        revokedBy: 'ada',
        revocationReason: 'leaked',
      });
    }
  });

  it('is refused under load: no request that begins after the return is accepted', async () => {
    const { token, key } = await stack.issue();
    let returned = false;
    let stop = false;
    const accepted: boolean[] = [];
    const traffic = stack.gateways.flatMap(({ url }) =>
      Array.from({ length: 4 }, async () => {
        while (!stop) {
          const beganAfterReturn = returned;
          const { status } = await call(`${url}/v1/me`, token);
          if (status === 200) accepted.push(beganAfterReturn);
          else expect(status).toBe(401);
        }
      }),
    );
    while (accepted.length < 50) await new Promise((resolve) => setTimeout(resolve, 5));
    await stack.manage.revoke(key.id);
    returned = true;
    await new Promise((resolve) => setTimeout(resolve, 200));
    stop = true;
    await Promise.all(traffic);
    expect(accepted).not.toContain(true);
  });

  it('is listed among the revoked keys, and not among the active ones', async () => {
    const { key } = await stack.issue('lister');
    const { key: kept } = await stack.issue('lister');
    await stack.manage.revoke(key.id);
    const ids = async (state?: 'revoked' | 'all'): Promise<string[]> =>
      (await stack.manage.list('lister', state && { state })).keys.map(({ id }) => id);
    expect(await ids()).toEqual([kept.id]);
    expect(await ids('revoked')).toEqual([key.id]);
    expect(await ids('all')).toEqual([kept.id, key.id]);
  });

  it('does not affect other keys of the same owner', async () => {
    const [one, other] = [await stack.issue(), await stack.issue()];
    await stack.manage.revoke(one.key.id);
    expect(await statuses(other.token)).toEqual([200, 200]);
  });
});

describe('revoking', () => {
  it('an already revoked key succeeds, and changes nothing', async () => {
    const { key } = await stack.issue();
    const first = await stack.manage.revoke(key.id, { reason: 'first' });
    const again = await stack.manage.revoke(key.id, { reason: 'second' });
    expect(again).toMatchObject({ effective: true, revokedAt: first.revokedAt });
    expect(again.key.revocationReason).toBe('first');
    const { rows } = await stack.database.query(
      `SELECT 1 FROM audit_events WHERE key_id = $1 AND action = 'key.revoked'`,
      [key.id],
    );
    expect(rows).toHaveLength(1);
  });

  it('twice at once is in effect when both have returned', async () => {
    const { token, key } = await stack.issue();
    const done = await Promise.all([stack.manage.revoke(key.id), stack.manage.revoke(key.id)]);
    expect(new Set(done.map(({ revokedAt }) => revokedAt)).size).toBe(1);
    expect(await statuses(token)).toEqual([401, 401]);
  });

  it.each([
    ['an unknown key', () => Promise.resolve('0352dezfK9Gia0iM56jbgM'), {}],
    ['a key of somebody else', async () => (await stack.issue('ada')).key.id, { ownerId: 'grace' }],
  ])('%s gets a 404 that reveals nothing', async (_, keyId, request) => {
    const id = await keyId();
    await expect(stack.manage.revoke(id, request)).rejects.toMatchObject({ status: 404, code: 'not_found' });
    await expect(stack.manage.revoke(id, request)).rejects.toBeInstanceOf(ManageRefused);
  });

  it('needs no body', async () => {
    const { key } = await stack.issue();
    const url = `${stack.keysUrl}/keys/${key.id}/revoke`;
    expect(await call(url, TEST_SECRETS.KEYS_MANAGE_TOKEN, { method: 'POST' })).toMatchObject({
      status: 200,
      body: { effective: true, key: { revokedBy: 'manage', revocationReason: null } },
    });
  });

  it('refuses an owner ID of null, which may be a lost safeguard', async () => {
    const { key } = await stack.issue();
    const answer = await call(`${stack.keysUrl}/keys/${key.id}/revoke`, TEST_SECRETS.KEYS_MANAGE_TOKEN, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ownerId: null }),
    });
    expect(answer.status).toBe(400);
    expect((await stack.manage.get(key.id)).state).toBe('active');
  });

  it('takes an owner ID as a safeguard', async () => {
    const { key } = await stack.issue('ada');
    expect(await stack.manage.revoke(key.id, { ownerId: 'ada' })).toMatchObject({ effective: true });
  });
});

describe('a suspended owner', () => {
  it('has no valid keys anywhere once that has returned, and has them back when resumed', async () => {
    const [one, other] = [await stack.issue('suspended'), await stack.issue('suspended')];
    expect(await statuses(one.token)).toEqual([200, 200]);
    await stack.manage.suspendOwner('suspended');
    expect(await statuses(one.token)).toEqual([401, 401]);
    expect(await statuses(other.token)).toEqual([401, 401]);
    await expect(
      stack.manage.issue('suspended', { name: 'x', capabilities: ['kb:read'] }),
    ).rejects.toMatchObject({
      status: 409,
      code: 'owner_suspended',
    });
    await stack.manage.resumeOwner('suspended');
    expect(await statuses(one.token)).toEqual([200, 200]);
  });
});

describe('a gateway', () => {
  it('that stops gracefully delays no revocation', async () => {
    const third = await startGatewayProcess(stack.env);
    const { token, key } = await stack.issue();
    expect((await call(`${third.url}/v1/me`, token)).status).toBe(200);
    expect(await third.process.stop()).toBe(0);
    const revocation = await acknowledged(() => stack.manage.revoke(key.id));
    expect(revocation).toMatchObject({ gateways: 2, how: 'acknowledged' });
  });

  it('that is frozen delays a revocation until its lease has expired, and refuses the key when it continues', async () => {
    const third = await startGatewayProcess(stack.env);
    const { token, key } = await stack.issue();
    expect((await call(`${third.url}/v1/me`, token)).status).toBe(200);
    third.process.signal('SIGSTOP');
    const revocation = await stack.manage.revoke(key.id);
    expect(revocation.waitedMs).toBeGreaterThan(1500);
    third.process.signal('SIGCONT');
    expect((await call(`${third.url}/v1/me`, token)).status).toBe(401);
    expect(await statuses(token)).toEqual([401, 401]);
    await third.process.stop();
  });
});
