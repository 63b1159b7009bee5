import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generate } from 'selfsigned';
import { KeyFormat } from '#libs/key-format';
import { VerifyClient } from '#libs/keys-client';
import { Stack, TEST_SECRETS, noteIssued, until } from '#libs/testing';
import { Mailbox, type ReceivedEmail } from '../support/mailbox.js';

const PASSWORD = 'of-the-mail-server';

let mailbox: Mailbox;
let stack: Stack;
beforeAll(async () => {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  mailbox = await Mailbox.start({
    cert,
    key,
    onAuth: ({ username, password }, { secure }, done) =>
      secure && username === 'keys' && password === PASSWORD
        ? done(null, { user: username })
        : done(new Error('Invalid username or password')),
  });
  stack = await Stack.start({
    gateways: 0,
    env: {
      SMTP_URL: `smtp://keys@localhost:${mailbox.port}`,
      SMTP_PASSWORD: PASSWORD,
      SMTP_TLS_CA: cert,
      MAIL_FROM: 'Le Bureau <keys@bureau.example>',
      DASHBOARD_URL: 'https://dashboard.example.com/',
    },
  });
  for (const id of ['ada', 'grace'])
    await stack.manage.putOwner(id, { email: `${id}@example.com`, emailVerified: id === 'ada' });
});
afterAll(async () => {
  await stack.stop();
  await mailbox.stop();
});

const good = { name: 'Production CI', capabilities: ['desktop:read'] };

/** Issues a key to Ada, and returns it with the email about it. */
async function issue(more: object = {}, owner = 'ada') {
  const before = mailbox.received.length;
  const issued = await stack.manage.issue(owner, { ...good, ...more });
  noteIssued(issued.token);
  const email = owner === 'ada' ? (await mailbox.waitFor(before + 1))[before] : undefined;
  return { ...issued, email: email ?? undefined };
}

/** The email that comes next, when `act` is over. */
async function emailAfter(act: () => Promise<unknown>): Promise<ReceivedEmail> {
  const before = mailbox.received.length;
  await act();
  const email = (await mailbox.waitFor(before + 1))[before];
  if (email === undefined) throw new Error('there is no email');
  return email;
}

const metric = async (name: string): Promise<string> =>
  ((await stack.keys[0]?.service.metrics(name)) ?? []).join('\n');

describe('the owner of a key', () => {
  it('gets an email when it was created, over TLS and with a login, which says what to do and has no secret', async () => {
    const { token, key, email } = await issue();
    if (email === undefined) throw new Error('there is no email');
    const { parsed, bytes } = email;
    expect(parsed.subject).toBe(`[Le Bureau] API key “Production CI” (…${key.last4}) was created`);
    expect(parsed.from?.value).toEqual([{ name: 'Le Bureau', address: 'keys@bureau.example' }]);
    expect([parsed.to].flat().map((to) => to?.text)).toEqual(['ada@example.com']);
    expect(parsed.headers.get('auto-submitted')).toBe('auto-generated');
    expect(parsed.messageId).toMatch(/^<[0-9a-f]{32}@bureau\.example>$/);
    for (const body of [parsed.text, String(parsed.html)]) {
      expect(body).toContain('was created by “manage”.');
      expect(body).toContain('If you do not know why, revoke it now.');
      expect(body).toContain(`https://dashboard.example.com/settings/keys/${key.id}`);
    }
    const secret = token.slice(-46);
    for (const text of [bytes.toString(), parsed.text, parsed.html]) expect(text).not.toContain(secret);
  });

  it('gets an email when others pause or revoke it, and none for what they do themselves', async () => {
    const { key } = await issue();
    const paused = await emailAfter(() => stack.manage.pause(key.id, { actor: 'grace' }));
    expect(paused.parsed.text).toContain('was paused by “grace”.');
    await stack.manage.resume(key.id, { actor: 'ada' });
    await stack.manage.pause(key.id, { actor: 'ada' });
    const { key: own } = await issue();
    await stack.manage.revoke(own.id, { actor: 'ada' });
    const revoked = await emailAfter(() => stack.manage.revoke(key.id, { actor: 'grace', reason: 'a test' }));
    expect(revoked.parsed.subject).toContain('was revoked');
    expect(revoked.parsed.text).toContain('was revoked by “grace”: a test.');
  });

  it('gets one email when it was found by others, which says whether it was revoked, however many reports there are', async () => {
    const client = new VerifyClient({
      url: `tcp://127.0.0.1:${stack.keys[0]?.verifyPort}`,
      credential: TEST_SECRETS.KEYS_VERIFY_TOKEN,
      timeoutMs: 60_000,
    });
    const format = new KeyFormat({ prefix: 'sk_live', tagSecrets: [TEST_SECRETS.KEY_TAG_SECRET] });
    const report = async (token: string, source: string, url: string): Promise<void> => {
      const key = format.read(token);
      if (key.outcome !== 'genuine') throw new Error('that is no key');
      await client.reportExposure(key, { source, url, address: '192.0.2.1', requestId: null });
    };
    const { token } = await issue();
    const marked = await emailAfter(() => report(token, 'trufflehog', 'https://evil.example/a'));
    expect(marked.parsed.subject).toMatch(/ was exposed$/);
    expect(marked.parsed.text).toContain('It still works. Revoke it now,');
    const revoked = await emailAfter(() => report(token, 'github', 'https://evil.example/b'));
    expect(revoked.parsed.subject).toMatch(/ was exposed, and is revoked$/);
    expect(revoked.bytes.toString()).not.toContain('evil.example');
    await report(token, 'github', 'https://evil.example/c');
    client.close();
    const { length } = mailbox.received;
    await issue();
    expect(mailbox.received).toHaveLength(length + 1);
  });

  it.each([
    ['HTML', '<script>alert(1)</script> & "q"'],
    ['something like a header', 'x Bcc: eve@example.com'],
    ['other scripts', 'می\u200cخواهم 漢字 👩\u200d💻'],
    ['a long one', 'é'.repeat(100)],
  ])('reads its name as it was typed: %s', async (_, name) => {
    const { email } = await issue({ name });
    expect(email?.parsed.subject).toContain(`“${name}”`);
    expect(email?.parsed.text).toContain(`“${name}”`);
    expect(email?.parsed.html).not.toContain('<script');
    expect([...(email?.parsed.headers.keys() ?? [])].sort()).toEqual(
      [
        'auto-submitted',
        'content-type',
        'date',
        'from',
        'message-id',
        'mime-version',
        'subject',
        'to',
      ].sort(),
    );
  });

  it('gets no email at an address that is not verified, which is counted', async () => {
    const before = mailbox.received.length;
    await issue({}, 'grace');
    expect(await metric('keys_emails_without_address_total')).toContain(' 1');
    await issue();
    expect(mailbox.received.length).toBe(before + 1);
  });

  it('has too many keys made in a day: what is beyond twenty emails waits for a digest', async () => {
    await stack.manage.putOwner('many', { email: 'many@example.com', emailVerified: true });
    for (let n = 0; n < 22; n++) noteIssued((await stack.manage.issue('many', good)).token);
    await until(() => mailbox.received.filter(({ to }) => to === 'many@example.com').length === 20);
    const { rows } = await stack.database.query('SELECT news FROM email_digest_entries');
    expect(rows).toMatchObject([{ news: { kind: 'created' } }, { news: { kind: 'created' } }]);
  });
});

describe('an email that the mail server', () => {
  it('refuses for good is given up; the log has no address, only its domain', async () => {
    mailbox.reaction = { recipient: 550 };
    const asked = mailbox.asked;
    noteIssued((await stack.manage.issue('ada', good)).token);
    const reason = 'the mail server answered 550 5.1.1 to RCPT TO, for an address at example.com';
    await until(() => stack.logs.includes(reason));
    expect(mailbox.asked).toBe(asked + 1);
    expect(stack.logs).not.toContain('ada@example.com');
    expect(await metric('keys_delivery_attempts_total')).toContain('outcome="failed"} 1');
    mailbox.reaction = 'take';
    await issue();
  });

  it('cannot be handed in without TLS is not handed in at all', async () => {
    await stack.keys[0]?.service.process.stop();
    const plain = await Mailbox.start();
    await stack.keys[0]?.service.restart({ SMTP_URL: `smtp://localhost:${plain.port}`, SMTP_PASSWORD: '' });
    noteIssued((await stack.manage.issue('ada', good)).token);
    const lastError = async (): Promise<unknown> =>
      (await stack.database.query('SELECT last_error FROM deliveries ORDER BY id DESC LIMIT 1')).rows[0]
        .last_error;
    await until(async () => (await lastError()) !== null);
    expect(await lastError()).toBe('the mail server answered 500 to STARTTLS');
    expect(stack.logs).toContain('emails are not sent: the mail server answered 500 to STARTTLS');
    expect(plain.asked).toBe(0);
    await stack.keys[0]?.service.process.stop();
    await stack.database.query('DELETE FROM delivery_pauses');
    await stack.keys[0]?.service.restart({ SMTP_URL: `smtp://localhost:${plain.port}?tls=off` });
    // What could not be handed in before is.
    expect((await plain.waitFor(1))[0]?.to).toBe('ada@example.com');
    await plain.stop();
  });
});
