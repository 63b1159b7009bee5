import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newKeyId } from '#libs/key-format';
import { acknowledged, Stack, call, noteIssued } from '#libs/testing';
import { Visitor } from './visitor.js';

let stack: Stack;
let ada: Visitor;
let userId: string;
beforeAll(async () => {
  stack = await Stack.start({ dashboards: 1 });
});
afterAll(() => stack.stop());
beforeEach(async () => {
  ada = new Visitor(stack.dashboardUrl);
  await ada.signUp();
  userId = (await ada.get('/api/session')).body.user.id;
});

const statusAtGateway = async (token: string): Promise<number> =>
  (await call(`${stack.gatewayUrl}/v1/me`, token)).status;

describe('creating a key', () => {
  it('shows it once, in a response that is not cached', async () => {
    const { status, headers, body } = await ada.makeKey('Staging monitor', ['desktop:read', 'kb:read']);
    expect(status).toBe(201);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body.token).toMatch(/^sk_live_\w{22}_\w{46}$/);
    expect(body.key).toMatchObject({
      name: 'Staging monitor',
      capabilities: ['desktop:read', 'kb:read'],
      ownerId: userId,
      createdBy: userId,
      state: 'active',
      expiresAt: null,
    });
    expect(await statusAtGateway(body.token)).toBe(200);
    const later = await ada.get('/api/keys');
    expect(later.body.keys).toEqual([body.key]);
    expect(JSON.stringify(later.body)).not.toContain(body.token.slice(-46));
  });

  it('creates the owner in the keys service, as a user of the free tier', async () => {
    await expect(stack.manage.getOwner(userId)).rejects.toThrow('There is no owner with that ID');
    await ada.makeKey();
    expect(await stack.manage.getOwner(userId)).toMatchObject({
      email: ada.email,
      role: 'user',
      tier: 'free',
      suspendedAt: null,
    });
  });

  it('keeps the role and tier that operators have set, and updates the email address', async () => {
    await stack.manage.putOwner(userId, { email: 'former@example.com', role: 'admin', tier: 'pro' });
    expect((await ada.get('/api/session')).body.user).toMatchObject({ role: 'admin', tier: 'pro' });
    await ada.makeKey();
    expect(await stack.manage.getOwner(userId)).toMatchObject({
      email: ada.email,
      role: 'admin',
      tier: 'pro',
    });
  });

  it('creates one, however often the same form is sent', async () => {
    const form = { name: 'Production CI', capabilities: ['desktop:chat'] };
    const once = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all([1, 2, 3].map(() => ada.post('/api/keys', form, once)));
    for (const { body } of answers) if (body.token !== undefined) noteIssued(body.token);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    const made = answers.find(({ status }) => status === 201);
    const repeated = answers.find(({ status }) => status === 409);
    expect(repeated?.body).toMatchObject({ code: 'already_issued', key: { id: made?.body.key.id } });
    expect(repeated?.body.token).toBeUndefined();
    expect((await ada.get('/api/keys')).body.keys).toHaveLength(1);
    const other = await ada.post('/api/keys', { ...form, name: 'Another' }, once);
    expect(other.status).toBe(422);
    expect(other.body.code).toBe('idempotency_key_reused');
  });

  it('sets the expiry and the replaced key', async () => {
    const { body: former } = await ada.makeKey();
    const expiresAt = '2126-01-31T12:00:00.000Z';
    const form = { name: 'Next', capabilities: ['desktop:read'], expiresAt, replaces: former.key.id };
    const { status, body } = await ada.post('/api/keys', form, { 'idempotency-key': randomUUID() });
    noteIssued(body.token);
    expect(status).toBe(201);
    expect(body.key).toMatchObject({ expiresAt, replaces: former.key.id });
  });

  it.each([
    ['no name', { name: ' ' }, 'Name must be 1 to'],
    ['an unknown capability', { capabilities: ['desktop:destroy'] }, 'desktop:destroy'],
    ['no capability', { capabilities: [] }, ''],
    ['an expiry in the past', { expiresAt: '2020-01-01T00:00:00Z' }, 'Expiry must be in the future'],
    ['an owner', { ownerId: 'grace' }, 'Unknown field "ownerId".'],
    ['a rate limit', { rateLimitPerMinute: 1000 }, 'Unknown field "rateLimitPerMinute".'],
  ])('refuses %s, and says what would be right', async (_, wrong, sentence) => {
    const form = { name: 'Production CI', capabilities: ['desktop:read'], ...wrong };
    const { status, body } = await ada.post('/api/keys', form);
    expect(status).toBe(400);
    expect(body.code).toBe('invalid_request');
    expect(body.detail).toContain(sentence);
  });
});

describe('the list', () => {
  it('has the active keys, newest first, in pages', async () => {
    for (const name of ['One', 'Two', 'Three']) await ada.makeKey(name);
    const first = await ada.get('/api/keys?limit=2');
    expect(first.body.keys.map(({ name }: { name: string }) => name)).toEqual(['Three', 'Two']);
    const second = await ada.get(`/api/keys?limit=2&cursor=${first.body.nextCursor}`);
    expect(second.body).toMatchObject({ keys: [{ name: 'One' }], nextCursor: null });
    expect((await ada.get('/api/keys?state=revoked')).body.keys).toEqual([]);
    expect((await ada.get('/api/keys?state=all')).body.keys).toHaveLength(3);
    expect((await ada.get('/api/keys?state=dead')).status).toBe(400);
  });
});

describe('revoking', () => {
  it('takes effect before the response', async () => {
    const { body } = await ada.makeKey();
    expect(await statusAtGateway(body.token)).toBe(200);
    const revoked = await acknowledged(async () => {
      const answer = await ada.post(`/api/keys/${body.key.id}/revoke`, { reason: 'Leaked' });
      expect(answer.status).toBe(200);
      return answer.body;
    });
    expect(revoked).toMatchObject({
      effective: true,
      how: 'acknowledged',
      gateways: 1,
      key: { state: 'revoked', revokedBy: userId, revocationReason: 'Leaked' },
    });
    expect(await statusAtGateway(body.token)).toBe(401);
    expect((await ada.get('/api/keys')).body.keys).toEqual([]);
    expect((await ada.post(`/api/keys/${body.key.id}/revoke`)).status).toBe(200);
  });
});

describe('setting an expiry', () => {
  it('takes effect at every gateway before the response', async () => {
    const { body } = await ada.makeKey();
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    const expiry = await ada.post(`/api/keys/${body.key.id}/expire`, { expiresAt });
    expect(expiry.status).toBe(200);
    expect(expiry.body).toMatchObject({ effective: true, key: { expiresAt, state: 'active' } });
    expect((await ada.get('/api/keys')).body.keys).toEqual([expiry.body.key]);
  });

  it('is refused in the past and without a timestamp', async () => {
    const { body } = await ada.makeKey();
    const path = `/api/keys/${body.key.id}/expire`;
    const past = await ada.post(path, { expiresAt: '2001-01-01T00:00:00Z' });
    expect(past).toMatchObject({ status: 400, body: { detail: expect.stringContaining('revoke it') } });
    const without = await ada.post(path, {});
    expect(without).toMatchObject({
      status: 400,
      body: { detail: 'Expiry must be a time such as 2027-01-31T12:00:00Z.' },
    });
    expect((await ada.get('/api/keys')).body.keys[0].expiresAt).toBeNull();
  });

  it('is refused for the keys of others', async () => {
    const { body } = await ada.makeKey();
    const grace = new Visitor(stack.dashboardUrl);
    await grace.signUp();
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    expect((await grace.post(`/api/keys/${body.key.id}/expire`, { expiresAt })).status).toBe(404);
    expect((await ada.get('/api/keys')).body.keys[0].expiresAt).toBeNull();
  });
});

describe('testing a key', () => {
  it('shows the response of the gateway', async () => {
    const { body } = await ada.makeKey();
    const { token } = body;
    const good = await ada.post('/api/keys/check', { token });
    expect(good.status).toBe(200);
    expect(good.body).toMatchObject({ status: 200, body: { email: ada.email } });
    expect(good.body.tookMs).toBeGreaterThan(0);
    await ada.post(`/api/keys/${body.key.id}/revoke`);
    const dead = await ada.post('/api/keys/check', { token });
    expect(dead.body).toMatchObject({ status: 401, body: { code: 'invalid_token' } });
    expect(stack.logs).not.toContain(token.slice(-46));
  });

  it('requires a complete key', async () => {
    const { body } = await ada.makeKey();
    for (const token of [
      '',
      'sk_live_',
      body.key.id,
      body.key.publicPart,
      `${body.token}x`,
      'x'.repeat(300),
    ]) {
      const { status, body: problem } = await ada.post('/api/keys/check', { token });
      expect(status).toBe(400);
      expect(problem.detail).toContain("That isn't a complete key");
    }
  });
});

describe('another person', () => {
  it('cannot tell it from a key that does not exist', async () => {
    const { body } = await ada.makeKey();
    const grace = new Visitor(stack.dashboardUrl);
    await grace.signUp();
    expect((await grace.get('/api/keys?state=all')).body.keys).toEqual([]);
    const unknown = newKeyId();
    const withoutId = (problem: object) => ({ ...problem, requestId: '', instance: '' });
    for (const path of ['', '/activity', '/usage']) {
      const answer = await grace.get(`/api/keys/${body.key.id}${path}`);
      expect(answer.status).toBe(404);
      expect(withoutId(answer.body)).toEqual(
        withoutId((await grace.get(`/api/keys/${unknown}${path}`)).body),
      );
    }
    const foreign = await grace.post(`/api/keys/${body.key.id}/revoke`);
    expect(foreign.status).toBe(404);
    expect(withoutId(foreign.body)).toEqual(
      withoutId((await grace.post(`/api/keys/${unknown}/revoke`)).body),
    );
    const tried = await grace.post('/api/keys/check', { token: body.token });
    expect(tried.status).toBe(404);
    const made = `sk_live_${unknown}_${'0'.repeat(46)}`;
    expect(withoutId(tried.body)).toEqual(
      withoutId((await grace.post('/api/keys/check', { token: made })).body),
    );
    const replacing = { name: 'Next', capabilities: ['desktop:read'], replaces: body.key.id };
    expect((await grace.post('/api/keys', replacing)).status).toBe(400);
    const { nextCursor } = (await ada.get('/api/keys?limit=1')).body;
    expect((await grace.get(`/api/keys?state=all&cursor=${nextCursor ?? body.key.id}`)).body.keys).toEqual(
      [],
    );
    expect(await statusAtGateway(body.token)).toBe(200);
  });
});

describe('a suspended account', () => {
  it('is refused everywhere', async () => {
    const { body } = await ada.makeKey();
    await stack.manage.suspendOwner(userId);
    const answers = await Promise.all([
      ada.get('/api/keys'),
      ada.post('/api/keys', { name: 'Next', capabilities: ['desktop:read'] }),
      ada.post(`/api/keys/${body.key.id}/revoke`),
      ada.post('/api/keys/check', { token: body.token }),
    ]);
    for (const { status, body: problem } of answers) {
      expect(status).toBe(403);
      expect(problem).toMatchObject({ code: 'account_suspended' });
    }
    await stack.manage.resumeOwner(userId);
    expect((await ada.get('/api/keys')).body.keys).toHaveLength(1);
  });
});

describe('a person who is not signed in', () => {
  it('is refused everywhere', async () => {
    ada.forgetCookies();
    const answers = await Promise.all([
      ada.get('/api/keys'),
      ada.post('/api/keys', {}),
      ada.post('/api/keys/check', {}),
      ada.post(`/api/keys/${'0'.repeat(22)}/revoke`),
    ]);
    for (const { status, body, headers } of answers) {
      expect(status).toBe(401);
      expect(body.code).toBe('signed_out');
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });
});
