import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Stack, TEST_SECRETS, call, noteIssued, startProgram, uniqueName } from '#libs/testing';
import { Visitor } from '../dashboard/visitor.js';

let stack: Stack;
let email: string;
beforeAll(async () => {
  stack = await Stack.start({ dashboards: 1 });
});
afterAll(() => stack.stop());
beforeEach(() => void (email = `${uniqueName('ada')}@example.com`));

async function keys(...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const { KEYS_MANAGE_TOKEN } = TEST_SECRETS;
  const program = startProgram('bin/cli.js', { KEYS_URL: stack.keysUrl, KEYS_MANAGE_TOKEN }, args);
  const code = await program.exited;
  return { code, stdout: program.stdout, stderr: program.stderr };
}

async function issue(owner: string): ReturnType<typeof keys> {
  const issued = await keys('issue', '--owner', owner, '--name', 'CI', '--capability', 'kb:read');
  if (issued.code === 0) noteIssued(issued.stdout.trim());
  return issued;
}

const statusOf = async (token: string): Promise<number> =>
  (await call(`${stack.gatewayUrl}/v1/me`, token.trim())).status;

describe('an owner who is given by email address', () => {
  it('is not found if the address is not verified', async () => {
    const stranger = new Visitor(stack.dashboardUrl);
    Object.assign(stranger, { email });
    await stranger.signUp();
    expect((await stranger.get('/api/keys')).status).toBe(200);
    const { id } = (await stranger.get('/api/session')).body.user;
    const issued = await issue(email);
    expect(issued).toMatchObject({ code: 2, stdout: '' });
    expect(issued.stderr).toBe(
      `No owner has the verified address ${email}. Name the one you mean by ID:\n` +
        `  id:${id}  ${email}  not verified, set by dashboard\n`,
    );
    expect((await stranger.get('/api/keys')).body.keys).toEqual([]);
    const meant = await issue(`id:${id}`);
    expect(meant.code).toBe(0);
    expect((await stranger.get('/api/keys')).body.keys).toHaveLength(1);
  });

  it('keeps their keys when a stranger signs up with the address', async () => {
    const { stdout: token } = await issue(email);
    const stranger = new Visitor(stack.dashboardUrl);
    Object.assign(stranger, { email });
    await stranger.signUp();
    expect((await stranger.get('/api/keys')).body.keys).toEqual([]);
    expect((await call(`${stack.gatewayUrl}/v1/me`, token.trim())).body).toMatchObject({
      userId: email,
      email,
      emailVerified: false,
    });
  });

  it('is found if the address is verified, in any case', async () => {
    const id = uniqueName('u');
    await stack.manage.putOwner(id, { email, emailVerified: true, emailSource: 'dashboard' });
    expect((await issue(email.toUpperCase())).code).toBe(0);
    expect((await keys('list', '--owner', email)).stdout).toContain('CI');
    const shown = await keys('owners', 'show', email);
    expect(shown.stdout).toMatch(/email verified +yes\n/);
    expect(shown.stdout).toMatch(/email set by +dashboard\n/);
  });

  it('is never guessed if several match, for any command', async () => {
    const id = uniqueName('u');
    const [byAddress, other] = [(await issue(email)).stdout, await stack.issue(id)];
    await stack.manage.putOwner(id, { email, emailVerified: true, emailSource: 'dashboard' });
    for (const args of [
      ['list', '--owner', email],
      ['issue', '--owner', email, '--name', 'x', '--capability', 'kb:read'],
      ['owners', 'show', email],
      ['owners', 'suspend', email],
      ['owners', 'resume', email],
    ]) {
      const { code, stdout, stderr } = await keys(...args);
      expect([args, code, stdout]).toEqual([args, 2, '']);
      expect(stderr).toContain(`2 owners match ${email}. Name the one you mean by ID:\n`);
      expect(stderr).toMatch(new RegExp(`\n {2}id:${id} +${email} {2}verified, set by dashboard\n`));
      expect(stderr).toContain(`\n  id:${email}  ${email}  not verified, set by cli\n`);
    }
    expect([await statusOf(byAddress), await statusOf(other.token)]).toEqual([200, 200]);
    const suspended = await keys('owners', 'suspend', `id:${email}`);
    expect(suspended.stderr).toBe('Suspended 1 owner with 1 active key.\n');
    expect([await statusOf(byAddress), await statusOf(other.token)]).toEqual([401, 200]);
  });

  it('can be suspended with all others of the address, whose number is printed', async () => {
    const id = uniqueName('u');
    const tokens = [
      (await issue(email)).stdout,
      (await stack.issue(id)).token,
      (await stack.issue(id)).token,
    ];
    await stack.manage.putOwner(id, { email, emailVerified: true });
    const suspended = await keys('owners', 'suspend', email, '--all');
    expect(suspended).toMatchObject({ code: 0, stderr: 'Suspended 2 owners with 3 active keys.\n' });
    expect(await Promise.all(tokens.map(statusOf))).toEqual([401, 401, 401]);
    const resumed = await keys('owners', 'resume', email, '--all', '--json');
    expect(JSON.parse(resumed.stdout)).toMatchObject([{ suspendedAt: null }, { suspendedAt: null }]);
    expect(resumed.stderr).toBe('Resumed 2 owners with 3 active keys.\n');
    expect(await Promise.all(tokens.map(statusOf))).toEqual([200, 200, 200]);
  });
});

describe('the verification of an address', () => {
  it('stays if something else changes, but not if the address does', async () => {
    const id = uniqueName('u');
    await stack.manage.putOwner(id, { email, emailVerified: true, emailSource: 'dashboard' });
    await keys('owners', 'put', id, '--email', email, '--tier', 'pro');
    expect(await stack.manage.getOwner(id)).toMatchObject({
      tier: 'pro',
      emailVerified: true,
      emailSource: 'dashboard',
    });
    await keys('owners', 'put', id, '--email', `new-${email}`);
    expect(await stack.manage.getOwner(id)).toMatchObject({
      tier: 'pro',
      emailVerified: false,
      emailSource: 'cli',
    });
    await keys('owners', 'put', id, '--email', `new-${email}`, '--email-verified');
    expect(await stack.manage.getOwner(id)).toMatchObject({ emailVerified: true, emailSource: 'cli' });
  });

  it('is part of the signed identity', async () => {
    const id = uniqueName('u');
    const { token } = await stack.issue(id);
    expect((await call(`${stack.gatewayUrl}/v1/me`, token)).body).toMatchObject({ emailVerified: false });
    await stack.manage.putOwner(id, { email, emailVerified: true });
    expect((await call(`${stack.gatewayUrl}/v1/me`, token)).body).toMatchObject({
      email,
      emailVerified: true,
    });
  });
});
