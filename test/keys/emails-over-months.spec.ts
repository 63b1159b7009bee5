import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import type { DataSource } from 'typeorm';
import { LE_BUREAU } from '#libs/catalogue';
import { keyIdFromUuid } from '#libs/key-format';
import { type TestDatabase, makeKeysDatabase } from '#libs/testing';
import { openDatabase } from '../../apps/keys/src/database/open-database.js';
import { DeliveryQueue } from '../../apps/keys/src/deliveries/delivery-queue.js';
import { EmailChannel } from '../../apps/keys/src/emails/email-channel.js';
import { EmailDigests } from '../../apps/keys/src/emails/email-digests.js';
import { EmailEvents } from '../../apps/keys/src/emails/email-events.js';
import { MailServer } from '../../apps/keys/src/emails/mail-server.js';
import { readSmtpUrl } from '../../apps/keys/src/emails/smtp-url.js';
import { AnnounceExpiries } from '../../apps/keys/src/lifetimes/announce-expiries.js';
import { AnnounceUnused } from '../../apps/keys/src/lifetimes/announce-unused.js';
import { Mailbox } from '../support/mailbox.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START = new Date('2027-01-31T12:00:00Z');
const IDLE_DAYS = 60;

/** What of a keys service has to do with emails. */
class Replica {
  private constructor(
    readonly database: DataSource,
    readonly queue: DeliveryQueue,
    readonly channel: EmailChannel,
    readonly expiries: AnnounceExpiries,
    readonly unused: AnnounceUnused,
    readonly digests: EmailDigests,
  ) {}

  static async start(): Promise<Replica> {
    const database = await openDatabase({ url: server.servingUrl, poolSize: 4 });
    const queue = new DeliveryQueue(database, clock);
    new EmailEvents(database, queue, clock, new Registry());
    const options = {
      server: readSmtpUrl(`smtp://127.0.0.1:${mailbox.port}?tls=off`),
      ca: undefined,
      from: 'keys@bureau.example',
      dashboardUrl: undefined,
    };
    return new Replica(
      database,
      queue,
      new EmailChannel(database, LE_BUREAU, new MailServer(options), options),
      new AnnounceExpiries(database, clock),
      new AnnounceUnused(database, clock),
      new EmailDigests(database, queue, clock),
    );
  }

  async announce(): Promise<void> {
    await this.expiries.execute({ again: true });
    await this.unused.execute(IDLE_DAYS);
    await this.digests.execute();
  }

  /** Sends what is due, as the worker does. */
  async send(): Promise<void> {
    for (;;) {
      const due = await this.queue.claim(['email'], []);
      if (due.length === 0) return;
      await Promise.all(
        due.map(async (delivery) =>
          this.queue.settle(delivery, await this.channel.send(delivery, AbortSignal.timeout(patienceMs()))),
        ),
      );
    }
  }
}

let server: TestDatabase;
let mailbox: Mailbox;
let now: Date;
const replicas: Replica[] = [];
const clock = (): Date => now;

/** How long the worker waits for the server. */
const patienceMs = (): number => (mailbox.reaction === 'stall' ? 200 : 20_000);

beforeAll(async () => {
  [server, mailbox] = [await makeKeysDatabase(), await Mailbox.start()];
});
afterAll(async () => {
  await server.close();
  await mailbox.stop();
});
beforeEach(async () => {
  now = START;
  mailbox.received.length = 0;
  mailbox.reaction = 'take';
  await server.query('DELETE FROM deliveries; DELETE FROM delivery_pauses');
  await server.query('DELETE FROM email_recipients; DELETE FROM email_digest_entries');
  // Keys cannot be deleted. Nothing is announced of those of the test before.
  await server.query(`UPDATE api_keys SET revoked_at = now(), revoked_by = 'test' WHERE revoked_at IS NULL`);
  await restart();
});
afterEach(stop);

async function stop(): Promise<void> {
  for (const { database } of replicas.splice(0)) await database.destroy();
}

async function restart(): Promise<void> {
  await stop();
  for (let n = 0; n < 2; n++) replicas.push(await Replica.start());
}

const at = (days: number): Date => new Date(START.getTime() + days * DAY_MS);

/** Stores a key of an owner with a verified address. */
async function store(owner: string, name: string, expiresAt: number | null): Promise<string> {
  const id = randomUUID();
  await server.query(
    `INSERT INTO owners (id, email, verified_email, role, tier) VALUES ($1, $1 || '@example.com', $1 || '@example.com', 'user', 'free')
     ON CONFLICT DO NOTHING`,
    [owner],
  );
  await server.query(
    `INSERT INTO api_keys (id, owner_id, name, capabilities, secret_hash, last4, created_by, created_at, expires_at)
     VALUES ($1, $2, $3, '{desktop:read}', '$2b$04$' || repeat('x', 53), 'x7Qa', $2, $4, $5)`,
    [id, owner, name, START, expiresAt === null ? null : at(expiresAt)],
  );
  return id;
}

/** Lets time pass, in steps of some hours. Replicas work at the same time, and are all restarted now and then. */
async function pass(
  days: number,
  { inUse = [], hours = 12 }: { inUse?: readonly string[]; hours?: number } = {},
): Promise<void> {
  for (let step = 1; step <= (days * 24) / hours; step++) {
    now = new Date(now.getTime() + hours * HOUR_MS);
    await server.query('UPDATE api_keys SET last_used_at = $2 WHERE id = ANY ($1)', [inUse, now]);
    if (step % 20 === 0) await restart();
    await Promise.all(replicas.map((replica) => replica.announce()));
    await Promise.all(replicas.map((replica) => replica.send()));
  }
}

const subjects = (): unknown[] => mailbox.received.map(({ parsed }) => parsed.subject);
const about = (name: string, what: string): string => `[Le Bureau] API key “${name}” (…x7Qa) ${what}`;

describe('over months, with two replicas that are restarted', () => {
  it('the owner of a key in use gets one email 30, 7 and 1 days before it expires, and one on the day', async () => {
    const id = await store('ada', 'Production CI', 75.2);
    await pass(80, { inUse: [id] });
    expect(subjects()).toEqual(
      ['expires in 30 days', 'expires in 7 days', 'expires in 1 day', 'has expired'].map((what) =>
        about('Production CI', what),
      ),
    );
    expect(mailbox.received[0]?.parsed.text).toContain('expires in 30 days, on 2027-04-16 16:48 UTC.');
  });

  it('keys that nobody uses come together, once a day', async () => {
    for (let n = 0; n < 5; n++) await store('grace', `Old ${n}`, 40.2 + n / 100);
    await store('grace', 'Later', 43.5);
    await pass(15);
    expect(subjects()).toEqual([
      '[Le Bureau] 5 notices about your API keys',
      about('Later', 'expires in 30 days'),
    ]);
    expect(mailbox.received[0]?.parsed.text).toContain(
      '- “Old 0” (…x7Qa) expires in 30 days, on 2027-03-12 16:48 UTC.\n- “Old 1” (…x7Qa)',
    );
    await pass(31);
    const five = '[Le Bureau] 5 notices about your API keys';
    const later = ['expires in 7 days', 'expires in 1 day', 'has expired'].map((what) =>
      about('Later', what),
    );
    expect(subjects().slice(2)).toEqual([five, later[0], five, five, ...later.slice(1)]);
  });

  it('what comes hours after a digest waits for the next, a day later', async () => {
    await store('hopper', 'First', 31);
    await store('hopper', 'Second', 31.6);
    await pass(2, { hours: 6 });
    expect(subjects()).toEqual([about('First', 'expires in 30 days')]);
    await pass(1, { hours: 6 });
    expect(subjects().slice(1)).toEqual([about('Second', 'expires in 30 days')]);
  });

  it('the owner is told in one email which keys will be revoked because nobody uses them', async () => {
    for (const name of ['Forgotten', 'Lost']) await store('linus', name, null);
    await pass(60);
    expect(subjects()).toEqual(['[Le Bureau] 2 notices about your API keys']);
    expect(mailbox.received[0]?.parsed.text).toContain(
      '“Lost” (…x7Qa) was not used for long, and will be revoked on 2027-04-01 12:00 UTC unless it is used.',
    );
  });
});

describe('a mail server', () => {
  /** Brings a key to its first email, which the server is offered. */
  async function offer(owner: string): Promise<string> {
    const id = await store(owner, 'Production CI', 30.9);
    await server.query('UPDATE api_keys SET last_used_at = $2 WHERE id = $1', [id, START]);
    await pass(1);
    return id;
  }

  it.each([
    ['that asks to try again', { recipient: 450 } as const],
    ['that has no space', { content: 452 } as const],
    ['that stalls', 'stall' as const],
    ['that disconnects before it answers', 'drop' as const],
    ['that shuts down', { recipient: 421 } as const],
  ])('%s gets each email once when it works again', async (name, reaction) => {
    mailbox.reaction = reaction;
    const id = await offer(`owner-${name.length}`);
    await pass(0.25, { inUse: [id], hours: 1 });
    expect(subjects()).toEqual([]);
    mailbox.reaction = 'take';
    await pass(3, { inUse: [id], hours: 1 });
    expect(subjects()).toEqual([about('Production CI', 'expires in 30 days')]);
  });

  it('that is down for hours gets each email once when it is back, and in order', async () => {
    await mailbox.stop();
    const id = await offer('down');
    await server.query('UPDATE api_keys SET expires_at = $2, expiry_set_at = created_at WHERE id = $1', [
      id,
      at(8.2),
    ]);
    await pass(0.5, { inUse: [id], hours: 1 });
    expect(await replicas[0]?.queue.count()).toEqual(new Map([['email', 2]]));
    await mailbox.comeBack();
    await pass(1, { inUse: [id], hours: 1 });
    expect(subjects()).toEqual([
      about('Production CI', 'expires in 30 days'),
      about('Production CI', 'expires in 7 days'),
    ]);
  });

  it('that refuses the address for good is not asked again', async () => {
    mailbox.reaction = { recipient: 550 };
    const asked = mailbox.asked;
    const id = await offer('gone');
    await pass(2, { inUse: [id] });
    expect(mailbox.asked).toBe(asked + 1);
    const { rows } = await server.query('SELECT last_error FROM deliveries WHERE subject = $1', [
      keyIdFromUuid(id),
    ]);
    expect(rows).toEqual([
      { last_error: 'the mail server answered 550 5.1.1 to RCPT TO, for an address at example.com' },
    ]);
  });

  it('that disconnects after it has taken an email gets it again, recognizable as the same', async () => {
    mailbox.reaction = 'take and drop';
    const id = await offer('twice');
    expect(mailbox.received).not.toHaveLength(0);
    mailbox.reaction = 'take';
    await pass(1, { inUse: [id], hours: 1 });
    const { received } = mailbox;
    expect(received.length).toBeGreaterThan(1);
    expect(new Set(received.map(({ parsed }) => parsed.messageId)).size).toBe(1);
    const stable = (parsed: { text?: string | undefined; date?: Date | undefined }): unknown => [
      parsed.text,
      parsed.date,
    ];
    expect(stable(received[0]?.parsed ?? {})).toEqual(stable(received.at(-1)?.parsed ?? {}));
  });
});
