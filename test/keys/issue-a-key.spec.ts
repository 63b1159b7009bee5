import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ManageClient } from '#libs/keys-client';
import { type Answer, Stack, TEST_SECRETS, call, noteIssued, startKeysProcess } from '#libs/testing';

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.start();
  await stack.manage.putOwner('ada', { email: 'ada@example.com' });
});
afterAll(() => stack.stop());

/** A request to issue a key for Ada, with any body. */
function issue(body: unknown, headers: Record<string, string> = {}, owner = 'ada'): Promise<Answer> {
  return call(`${stack.keysUrl}/owners/${owner}/keys`, TEST_SECRETS.KEYS_MANAGE_TOKEN, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}
const good = { name: 'Production CI', capabilities: ['desktop:read', 'desktop:chat'] };

async function countKeys(): Promise<number> {
  const { rows } = await stack.database.query('SELECT count(*)::int AS count FROM api_keys');
  return rows[0].count;
}

describe('issuing a key', () => {
  it('shows the plaintext once, in a response that is not cached, and lists the key without it', async () => {
    const { status, headers, body } = await issue({ ...good, expiresAt: '2099-01-31T12:00:00+01:00' });
    expect(status).toBe(201);
    expect(headers.get('cache-control')).toBe('no-store');
    const { key, token } = Object(body);
    noteIssued(token);
    expect(token).toMatch(/^sk_live_[0-9A-Za-z]{22}_[0-9A-Za-z]{46}$/);
    expect(key).toMatchObject({
      ...good,
      ownerId: 'ada',
      state: 'active',
      publicPart: `sk_live_${key.id}`,
      last4: token.slice(-4),
      expiresAt: '2099-01-31T11:00:00.000Z',
      createdBy: 'manage',
    });
    const { keys } = await stack.manage.list('ada');
    expect(keys).toContainEqual(key);
    expect(JSON.stringify(keys)).not.toContain(token.slice(-46));
  });

  it('stores the bcrypt hash and an audit event in one transaction', async () => {
    const { key } = await stack.issue();
    const { rows: keys } = await stack.database.query(
      'SELECT secret_hash FROM api_keys ORDER BY id DESC LIMIT 1',
    );
    expect(keys[0].secret_hash).toMatch(/^\$2b\$04\$.{53}$/);
    const { rows: events } = await stack.database.query('SELECT * FROM audit_events WHERE key_id = $1', [
      key.id,
    ]);
    expect(events).toMatchObject([{ action: 'key.issued', actor: 'manage', owner_id: 'ada' }]);
  });

  it('has returned a key that works at the gateway', async () => {
    const { token } = await stack.issue();
    expect((await call(`${stack.gatewayUrl}/v1/me`, token)).status).toBe(200);
  });

  it('links a key to the one that it replaces', async () => {
    const { key: old } = await stack.issue();
    const { body } = await issue({ ...good, replaces: old.publicPart });
    noteIssued(Object(body).token);
    expect(body).toMatchObject({ key: { replaces: old.id } });
  });

  it('can give a key its own limit, and gives none by default or with null', async () => {
    for (const [asked, kept] of [
      [{ rateLimitPerMinute: 600 }, 600],
      [{ rateLimitPerMinute: 1_000_000 }, 1_000_000],
      [{ rateLimitPerMinute: null }, null],
      [{}, null],
    ] as const) {
      const { status, body } = await issue({ ...good, ...asked });
      expect(status).toBe(201);
      noteIssued(Object(body).token);
      const shown = await stack.manage.get(Object(body).key.id);
      expect([Object(body).key.rateLimitPerMinute, shown.rateLimitPerMinute]).toEqual([kept, kept]);
    }
  });

  it('can restrict a key to addresses, which are always written the same way, and does not by default', async () => {
    const few = ['203.0.113.0/24', '2001:db8::/32'];
    for (const [asked, kept] of [
      [few, few],
      [
        ['::ffff:203.0.113.7', '203.0.113.7/32', '2001:DB8:0::/32', '203.0.113.7'],
        ['203.0.113.7', '2001:db8::/32'],
      ],
      [Array.from({ length: 50 }, (_, i) => `203.0.113.${i}`), expect.anything()],
      [null, null],
      [undefined, null],
    ] as const) {
      const { status, body } = await issue({ ...good, allowedIps: asked });
      expect(status).toBe(201);
      noteIssued(Object(body).token);
      const { key } = Object(body);
      const shown = await stack.manage.get(key.id);
      const events = `SELECT details -> 'allowedIps' AS recorded FROM audit_events WHERE action = 'key.issued' ORDER BY id DESC LIMIT 1`;
      const { rows } = await stack.database.query(events);
      expect([key.allowedIps, shown.allowedIps, rows[0].recorded]).toEqual([kept, kept, kept]);
    }
  });

  it('restricts a key like the one that it replaces, unless the request says otherwise', async () => {
    const make = async (more: object) => {
      const { body } = await issue({ ...good, ...more });
      noteIssued(Object(body).token);
      return Object(body).key;
    };
    const { id: replaces } = await make({ allowedIps: ['203.0.113.7'] });
    expect((await make({ replaces })).allowedIps).toEqual(['203.0.113.7']);
    expect((await make({ replaces, allowedIps: ['203.0.113.8'] })).allowedIps).toEqual(['203.0.113.8']);
    expect((await make({ replaces, allowedIps: null })).allowedIps).toBeNull();
  });

  it('creates many keys, which are listed in pages, newest first', async () => {
    const made = [];
    for (let i = 0; i < 5; i++) made.push((await stack.issue('pager')).key.id);
    const first = await stack.manage.list('pager', { limit: 3 });
    const second = await stack.manage.list('pager', { limit: 3, cursor: first.nextCursor ?? '' });
    expect([...first.keys, ...second.keys].map(({ id }) => id)).toEqual(made.reverse());
    expect(second.nextCursor).toBeNull();
  });
});

describe('a repeated request to issue', () => {
  it('creates no second key, and gets 409 with the public part of the first', async () => {
    const headers = { 'idempotency-key': 'request-1' };
    const first = await issue(good, headers);
    noteIssued(Object(first.body).token);
    const before = await countKeys();
    const again = await issue(good, headers);
    expect(again.status).toBe(409);
    expect(again.body).toMatchObject({ code: 'already_issued', key: Object(first.body).key });
    expect(JSON.stringify(again.body)).not.toContain(Object(first.body).token.slice(-46));
    expect(await countKeys()).toBe(before);
  });

  it('creates one key if many arrive at the same time', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => issue(good, { 'idempotency-key': 'request-2' })),
    );
    const issued = answers.filter(({ status }) => status === 201);
    expect(issued).toHaveLength(1);
    noteIssued(Object(issued[0]?.body).token);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(7);
  });

  it('is refused with another body, and creates a key for another owner', async () => {
    const headers = { 'idempotency-key': 'request-3' };
    noteIssued(Object((await issue(good, headers)).body).token);
    for (const other of [
      { ...good, name: 'Another' },
      { ...good, rateLimitPerMinute: 60 },
      { ...good, allowedIps: ['203.0.113.7'] },
    ])
      expect(await issue(other, headers)).toMatchObject({
        status: 422,
        body: { code: 'idempotency_key_reused' },
      });
    await stack.manage.putOwner('grace', { email: 'grace@example.com' });
    const other = await issue(good, headers, 'grace');
    noteIssued(Object(other.body).token);
    expect(other.status).toBe(201);
  });
});

describe('an owner with the maximum number of keys', () => {
  it('gets no more, however many are requested at once, until one is revoked or has expired', async () => {
    const { service } = await startKeysProcess({
      ...stack.env,
      KEYS_PER_OWNER: '3',
      DATABASE_URL: stack.database.url,
    });
    const manage = new ManageClient({ url: service.url, credential: TEST_SECRETS.KEYS_MANAGE_TOKEN });
    await manage.putOwner('many', { email: 'many@example.com' });
    const make = async () => {
      const issued = await manage.issue('many', good);
      noteIssued(issued.token);
      return issued.key;
    };
    const outcomes = await Promise.allSettled(Array.from({ length: 6 }, make));
    const made = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(made).toHaveLength(3);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({
          status: 409,
          code: 'too_many_keys',
          message:
            'This owner has 3 active keys, as many as are allowed. Revoke one that is not needed first.',
        });
    await manage.revoke(made[0]?.id ?? '');
    await make();
    await expect(make()).rejects.toMatchObject({ code: 'too_many_keys' });
    await service.process.stop();
  });
});

describe('a malformed request to issue', () => {
  const name = 'Name must be 1 to 100 characters on one line.';
  const oneLine = 'Name must be on one line, without control characters.';
  const rateLimit = 'Rate limit must be an integer from 1 to 1000000 requests per minute.';
  const addresses =
    'Allowed addresses must be a list of 1 to 50 IP addresses and networks, or null for any address.';
  const moment = 'Expiry must be a time such as 2027-01-31T12:00:00Z.';

  it.each<[string, unknown, string]>([
    ['no name', { capabilities: good.capabilities }, name],
    ['an empty name', { ...good, name: '' }, name],
    ['a name of spaces', { ...good, name: '   ' }, name],
    ['a name of 300 characters', { ...good, name: 'x'.repeat(300) }, name],
    ['a name with a line break', { ...good, name: 'a\nb' }, oneLine],
    ['a name with a NUL', { ...good, name: 'a\u0000b' }, oneLine],
    [
      'a name that reverses text',
      { ...good, name: 'a\u202eb' },
      'contains an invisible character (U+202E). Remove it.',
    ],
    ['a name with a lone surrogate', { ...good, name: 'a\ud800b' }, oneLine],
    ['a name that is a number', { ...good, name: 7 }, name],
    ['no capabilities', { name: 'x' }, 'Capabilities must be a list of names.'],
    [
      'an empty selection',
      { ...good, capabilities: [] },
      'A key needs at least one capability. Choose from: desktop:read,',
    ],
    [
      'an unknown capability',
      { ...good, capabilities: ['desktop:own'] },
      'Unknown capability "desktop:own". Choose from:',
    ],
    [
      'capabilities as text',
      { ...good, capabilities: 'desktop:read' },
      'Capabilities must be a list of names.',
    ],
    [
      'an expiry in the past',
      { ...good, expiresAt: '2001-01-01T00:00:00Z' },
      'Expiry must be in the future.',
    ],
    ['a date for an expiry', { ...good, expiresAt: '2099-01-01' }, moment],
    ['a time without a zone', { ...good, expiresAt: '2099-01-01T00:00:00' }, moment],
    ['a day that does not exist', { ...good, expiresAt: '2099-02-30T00:00:00Z' }, moment],
    ['an invalid replaced key', { ...good, replaces: 'hello' }, 'Replaced key ID must be the 22 characters'],
    [
      'an unknown replaced key',
      { ...good, replaces: '0'.repeat(22) },
      'The key to replace does not belong to this owner.',
    ],
    ['a rate limit of 0', { ...good, rateLimitPerMinute: 0 }, rateLimit],
    ['a rate limit above the maximum', { ...good, rateLimitPerMinute: 1_000_001 }, rateLimit],
    ['half a request', { ...good, rateLimitPerMinute: 1.5 }, rateLimit],
    ['a rate limit as text', { ...good, rateLimitPerMinute: '60' }, rateLimit],
    ['no addresses', { ...good, allowedIps: [] }, addresses],
    [
      'too many addresses',
      { ...good, allowedIps: Array.from({ length: 51 }, () => '203.0.113.7') },
      addresses,
    ],
    ['addresses as text', { ...good, allowedIps: '203.0.113.7' }, addresses],
    [
      'a name as an address',
      { ...good, allowedIps: ['example.com'] },
      'Allowed address must be an IP address such as',
    ],
    [
      'a number as the second address',
      { ...good, allowedIps: ['203.0.113.7', 7] },
      'Allowed address 2 must be an IP address such as 203.0.113.7, or a network such as 203.0.113.0/24.',
    ],
    [
      'a network with bits of an address in it',
      { ...good, allowedIps: ['2001:DB8::1/32', '203.0.113.7'] },
      'Allowed address 1 must be 2001:db8::/32 for the network, or 2001:db8::1 for the one address: 2001:db8::1/32 is neither.',
    ],
    ['a field that does not exist', { ...good, scopes: ['*'] }, 'Unknown field "scopes".'],
    ['an actor with a control character', { ...good, actor: 'a\u0007' }, 'Actor must be on one line'],
    ['an actor that is null', { ...good, actor: null }, 'Actor must be 1 to 200 characters'],
    ['an hour that does not exist', { ...good, expiresAt: '2099-01-01T24:00:00Z' }, moment],
    ['a year of five digits', { ...good, expiresAt: '9999-12-31T23:59:59-23:59' }, moment],
    ['an invisible name', { ...good, name: '\u200b\u200e' }, 'an invisible character (U+200B)'],
    ['a name of only joiners', { ...good, name: 'x\u200c'.slice(1) }, 'at least one letter'],
    [
      'a deeply nested body',
      '{"a":'.repeat(2000) + '1' + '}'.repeat(2000),
      'Send a JSON object, at most 20 levels deep',
    ],
    [
      'a deeply nested list',
      '['.repeat(8000) + ']'.repeat(8000),
      'Send a JSON object, at most 20 levels deep',
    ],
    [
      'a body of many values',
      { ...good, capabilities: Array.from({ length: 2000 }, () => 1) },
      'at most 1200 values',
    ],
    ['too many marks on one letter', { ...good, name: `Z${'\u0300'.repeat(31)}` }, 'too many marks'],
    ['a list', [], ''],
    ['a word', '"hello"', ''],
    ['invalid JSON', '{"name":', 'The body is not valid JSON.'],
  ])('gets a 400 that says what to do, and stores nothing: %s', async (_, body, sentence) => {
    const before = await countKeys();
    const answer = await issue(body);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body).toMatchObject({ code: 'invalid_request', detail: expect.stringContaining(sentence) });
    expect(await countKeys()).toBe(before);
  });

  it.each([
    ['Persian, which needs U+200C', 'می\u200cخواهم'],
    ['Hindi with a joiner', 'क्\u200dष'],
    ['an emoji of several', '👩\u200d💻 laptop'],
    ['an Arabic number sign', '\u0600١٢'],
  ])('accepts names as people write them: %s', async (_, name) => {
    const { status, body } = await issue({ ...good, name });
    noteIssued(Object(body).token);
    expect(status).toBe(201);
    expect(Object(body).key).toMatchObject({ name });
  });

  it('takes null as never', async () => {
    const { status, body } = await issue({ ...good, expiresAt: null, replaces: null });
    noteIssued(Object(body).token);
    expect(status).toBe(201);
  });

  it.each([
    ['an unknown owner', 'nobody', 404],
    ['an owner that is a path', '%2e%2e', 405],
    ['an owner of 300 characters', 'x'.repeat(300), 400],
    ['an owner with a control character', '%07', 400],
    ['an owner with an incomplete escape', '%', 400],
  ])('is refused for %s', async (_, owner, status) => {
    expect((await issue(good, {}, owner)).status).toBe(status);
  });

  it.each([
    ['an Idempotency-Key with spaces', { 'idempotency-key': 'a b' }, 400],
    ['an Idempotency-Key of 300 characters', { 'idempotency-key': 'x'.repeat(300) }, 400],
    ['a body of another type', { 'content-type': 'text/plain' }, 415],
  ])('is refused with %s', async (_, headers, status) => {
    expect((await issue(good, headers)).status).toBe(status);
  });

  it('is refused if it is larger than any key needs', async () => {
    const answer = await issue({ ...good, name: 'x'.repeat(20_000) });
    expect(answer).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
  });
});

describe('the management API', () => {
  it.each([
    ['no credential', {}, 'credentials_missing', 'Bearer realm="keys"'],
    ['another scheme', { authorization: 'Basic YTpi' }, 'credentials_missing', 'Bearer realm="keys"'],
    [
      'a wrong token',
      { authorization: `Bearer ${'x'.repeat(40)}` },
      'invalid_token',
      'error="invalid_token"',
    ],
    [
      'the token of the verification RPC',
      { authorization: `Bearer ${TEST_SECRETS.KEYS_VERIFY_TOKEN}` },
      'invalid_token',
      'error="invalid_token"',
    ],
  ])('refuses %s, whatever the route', async (_, headers, code, challenge) => {
    for (const path of ['/owners/ada/keys', '/keys/0352dezfK9Gia0iM56jbgM', '/owners?email=a@b']) {
      const answer = await call(stack.keysUrl + path, undefined, { headers });
      expect(answer).toMatchObject({ status: 401, body: { code } });
      expect(answer.headers.get('www-authenticate')).toContain(challenge);
    }
  });

  it('refuses API keys: no key can create, list or revoke keys', async () => {
    const { token, key } = await stack.issue('ada', ['desktop:read', 'desktop:control']);
    expect((await call(`${stack.keysUrl}/owners/ada/keys`, token)).status).toBe(401);
    expect((await call(`${stack.keysUrl}/keys/${key.id}/revoke`, token, { method: 'POST' })).status).toBe(
      401,
    );
    expect((await call(`${stack.gatewayUrl}/owners/ada/keys`, token)).status).toBe(404);
  });

  it('shows whether it is live and ready without a token', async () => {
    expect((await call(`${stack.keysUrl}/healthz`)).body).toEqual({ status: 'alive' });
    expect((await call(`${stack.keysUrl}/readyz`)).body).toEqual({ status: 'ready' });
  });

  it.each([
    ['an invalid ID', '/keys/hello', 400],
    ['an unknown ID', '/keys/0352dezfK9Gia0iM56jbgM', 404],
    ['an id above 128 bits', `/keys/${'z'.repeat(22)}`, 400],
    ['a state that does not exist', '/owners/ada/keys?state=sleeping', 400],
    ['a limit of 0', '/owners/ada/keys?limit=0', 400],
    ['a limit of 1000', '/owners/ada/keys?limit=1000', 400],
    ['a limit that is text', '/owners/ada/keys?limit=many', 400],
    ['an invalid cursor', '/owners/ada/keys?cursor=%27', 400],
    ['an unknown query', '/owners/ada/keys?sort=name', 400],
    ['an invalid email address', '/owners?email=ada', 400],
    ['an unknown route', '/key', 404],
  ])('responds with a clear 4xx to %s', async (_, path, status) => {
    const answer = await call(stack.keysUrl + path, TEST_SECRETS.KEYS_MANAGE_TOKEN);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({
      status,
      detail: expect.stringMatching(/\.$/),
      instance: path.split('?')[0],
    });
  });
});
