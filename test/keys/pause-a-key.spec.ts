import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newKeyId } from '#libs/key-format';
import { Stack, TEST_SECRETS, call, startProgram } from '#libs/testing';

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.start({ gateways: 2, env: { FAILED_AUTHENTICATIONS_PER_MINUTE: '10' } });
});
afterAll(() => stack.stop());

/** What each gateway answers to a key. */
async function statuses(token: string): Promise<number[]> {
  const answers = await Promise.all(stack.gateways.map(({ url }) => call(`${url}/v1/me`, token)));
  return answers.map(({ status }) => status);
}

const audit = async (keyId: string) =>
  (await stack.manage.listAuditEvents({ keyId })).events.map(({ action, actor }) => [action, actor]);

describe('a key that is paused', () => {
  it('is refused everywhere once the call has returned, and accepted once it is resumed', async () => {
    const { token, key } = await stack.issue();
    for (let round = 0; round < 10; round++) {
      expect(await statuses(token)).toEqual([200, 200]);
      const pause = await stack.manage.pause(key.id, { actor: 'grace' });
      expect(await statuses(token)).toEqual([401, 401]);
      expect(pause).toMatchObject({ effective: true, gateways: 2, key: { state: 'paused' } });
      expect(Math.abs(Date.now() - Date.parse(pause.key.pausedAt ?? ''))).toBeLessThan(60_000);
      const resumed = await stack.manage.resume(key.id, { actor: 'grace' });
      expect(resumed).toMatchObject({ effective: true, key: { state: 'active', pausedAt: null } });
    }
    expect(await statuses(token)).toEqual([200, 200]);
  });

  it('is refused like any other that is not valid, and the log says why', async () => {
    const { token, key } = await stack.issue();
    await stack.manage.pause(key.id);
    const answer = await call(`${stack.gatewayUrl}/v1/me`, token, {
      headers: { 'x-request-id': 'of-a-pause' },
    });
    expect(answer.body).toMatchObject({ code: 'invalid_token' });
    const line = (): string | undefined => stack.logs.split('\n').find((each) => each.includes('of-a-pause'));
    while (line() === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(JSON.parse(line() ?? '')).toMatchObject({ reason: 'paused', keyId: key.id, status: 401 });
  });

  it('does not block its address, so that it works as soon as it is resumed', async () => {
    const { token, key } = await stack.issue();
    await stack.manage.pause(key.id);
    for (let i = 0; i < 25; i++) expect(await statuses(token)).toEqual([401, 401]);
    await stack.manage.resume(key.id);
    expect(await statuses(token)).toEqual([200, 200]);
  });

  it('is cut off in the middle of a response, and can be paused while it is paused', async () => {
    const { token, key } = await stack.issue();
    expect(await statuses(token)).toEqual([200, 200]);
    const pauses = await Promise.all([stack.manage.pause(key.id), stack.manage.pause(key.id)]);
    expect(await statuses(token)).toEqual([401, 401]);
    expect(new Set(pauses.map(({ key: { pausedAt } }) => pausedAt)).size).toBe(1);
    expect(await audit(key.id)).toEqual([
      ['key.paused', 'manage'],
      ['key.issued', 'manage'],
    ]);
  });

  it('is listed as such, and shown', async () => {
    const [{ key }, { key: other }] = [await stack.issue('linus'), await stack.issue('linus')];
    await stack.manage.pause(key.id);
    const listed = async (state: 'active' | 'paused' | 'all') =>
      (await stack.manage.list('linus', { state })).keys.map(({ id }) => id);
    expect(await listed('paused')).toEqual([key.id]);
    expect(await listed('active')).toEqual([other.id]);
    expect((await listed('all')).sort()).toEqual([key.id, other.id].sort());
    expect(await stack.manage.get(key.id)).toMatchObject({ state: 'paused' });
  });

  it('can be revoked, and not resumed afterwards', async () => {
    const { token, key } = await stack.issue();
    await stack.manage.pause(key.id);
    expect((await stack.manage.revoke(key.id)).key.state).toBe('revoked');
    for (const change of [() => stack.manage.resume(key.id), () => stack.manage.pause(key.id)])
      await expect(change()).rejects.toMatchObject({ status: 409, code: 'key_ended' });
    expect(await statuses(token)).toEqual([401, 401]);
  });

  it('is not found for another owner', async () => {
    const { key } = await stack.issue();
    for (const change of [
      () => stack.manage.pause(key.id, { ownerId: 'grace' }),
      () => stack.manage.resume(key.id, { ownerId: 'grace' }),
      () => stack.manage.pause(newKeyId()),
    ])
      await expect(change()).rejects.toMatchObject({ status: 404 });
  });
});

it('the command line pauses and resumes it', async () => {
  const { token, key } = await stack.issue();
  const run = async (...args: readonly string[]): Promise<string> => {
    const env = { KEYS_URL: stack.keysUrl, KEYS_MANAGE_TOKEN: TEST_SECRETS.KEYS_MANAGE_TOKEN };
    const program = startProgram('bin/cli.js', env, args);
    expect({ code: await program.exited, stderr: program.stderr }).toEqual({ code: 0, stderr: '' });
    return program.stdout;
  };
  expect(await run('pause', token)).toMatch(/^Paused "Production CI" \(.+\); 2 gateways confirmed in \d/);
  expect(await statuses(token)).toEqual([401, 401]);
  expect(await run('show', key.id)).toMatch(/^state +paused$/m);
  expect(JSON.parse(await run('resume', key.id, '--json'))).toMatchObject({ key: { state: 'active' } });
  expect(await statuses(token)).toEqual([200, 200]);
});
