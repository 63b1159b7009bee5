import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  TEST_SECRETS,
  type TestDatabase,
  type TestRedis,
  freePort,
  makeDatabase,
  startRedis,
} from '#libs/testing';
import { certify, run } from './npm-start.js';

const [OURS, ANOTHER] = await Promise.all([certify(), certify()]);

let database: TestDatabase;
let redis: TestRedis;
beforeAll(async () => {
  [database, redis] = await Promise.all([makeDatabase(), startRedis()]);
});
afterAll(() => Promise.all([database.close(), redis.stop()]));

describe('a start of keys that cannot succeed', () => {
  const good = async (): Promise<Record<string, string>> => ({
    ...TEST_SECRETS,
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    KEYS_HOST: '127.0.0.1',
    KEYS_MANAGE_PORT: String(await freePort()),
    KEYS_VERIFY_PORT: String(await freePort()),
  });

  it.each<[string, Record<string, string>, unknown, RegExp]>([
    [
      'a missing secret',
      { KEYS_MANAGE_TOKEN: '' },
      78,
      /^KEYS_MANAGE_TOKEN is missing: it must be one or more secrets.*\n$/,
    ],
    [
      'a short secret',
      { KEY_TAG_SECRET: 'hunter2' },
      78,
      /^KEY_TAG_SECRET must be one or more secrets(?!.*hunter2).*\n$/,
    ],
    ['a wrong number', { BCRYPT_COST: '99' }, 78, /^BCRYPT_COST must be an integer from 4 to 16\.\n$/],
    [
      'a default lifetime that no key may have',
      { KEY_DEFAULT_DAYS: '91', KEY_MAX_DAYS: '90' },
      78,
      /^KEY_DEFAULT_DAYS must be at most KEY_MAX_DAYS, which is 90: no key may live for longer\.\n$/,
    ],
    [
      'a mail server without a sender',
      { SMTP_URL: 'smtp://keys:hunter2@mail.example.com' },
      78,
      /^MAIL_FROM is missing: SMTP_URL needs the address from which emails are sent, such as keys@example\.com\.\n$/,
    ],
    [
      'a mail server and a sender that are none',
      { SMTP_URL: 'smtp://mail.example.com?tls=maybe', MAIL_FROM: 'Le Bureau <keys>' },
      78,
      /^SMTP_URL must be a URL such as smtp:.*\nMAIL_FROM must be an address such as keys@example\.com, .*\n$/,
    ],
    [
      'two wrong settings',
      { LOG_LEVEL: 'loud', REDIS_URL: 'x' },
      78,
      /^REDIS_URL must .*\nLOG_LEVEL must .*\n$/,
    ],
    [
      'a mistake in the catalogue',
      { CATALOGUE: 'title: Tidy Invoices\ngroup: []\n' },
      78,
      /^CATALOGUE must be corrected in line 2, column 1: group is unknown\. A catalogue has: title, .*presets\.\n$/,
    ],
    [
      'half of TLS',
      { KEYS_TLS_CERT: OURS.cert },
      78,
      /^KEYS_TLS_CERT and KEYS_TLS_KEY belong together: set both, or none\.\n$/,
    ],
    [
      'an invalid certificate and key',
      { KEYS_TLS_CERT: 'hunter2', KEYS_TLS_KEY: OURS.key.slice(0, 200) },
      78,
      /^KEYS_TLS_CERT must be one or more certificates in PEM.*\nKEYS_TLS_KEY must be a private key in PEM.*\n$/,
    ],
    [
      'a certificate and a key that were swapped',
      { KEYS_TLS_CERT: OURS.key, KEYS_TLS_KEY: OURS.cert },
      78,
      /^KEYS_TLS_CERT must be one or more certificates in PEM.*\nKEYS_TLS_KEY must be a private key in PEM.*\n$/,
    ],
    [
      'the key of another certificate',
      { KEYS_TLS_CERT: OURS.cert, KEYS_TLS_KEY: ANOTHER.key },
      78,
      /^KEYS_TLS_KEY is not the key of the first certificate in KEYS_TLS_CERT.*\n$/,
    ],
    [
      'a socket without a database',
      { DATABASE_URL: 'postgres://keys:hunter2@/keys?host=/nonexistent' },
      1,
      /^Cannot open the database keys at the socket in \/nonexistent \((?!.*hunter2).*ENOENT.*\): start it, or correct DATABASE_URL\.\n$/,
    ],
    [
      'no URL of a database',
      { DATABASE_URL: 'localhost:5432' },
      78,
      /^DATABASE_URL must be a URL such as .*\n$/,
    ],
    [
      'an invalid database number in Redis',
      { REDIS_URL: 'redis://localhost/keys' },
      78,
      /^REDIS_URL must be a URL such as .*\n$/,
    ],
    [
      'an invalid host',
      { KEYS_HOST: 'no such host' },
      78,
      /^KEYS_HOST must be an address of this machine, such as 0\.0\.0\.0\.\n$/,
    ],
    [
      'an unknown host',
      { KEYS_HOST: 'nowhere.invalid' },
      1,
      /^(This machine has no address|Cannot listen on) nowhere\.invalid.*\n$/,
    ],
    [
      'no database there',
      { DATABASE_URL: 'postgres://keys:hunter2@127.0.0.1:9/keys' },
      1,
      /^Cannot open the database 127\.0\.0\.1:9\/keys \((?!.*hunter2).*ECONNREFUSED.*\): start it, or correct DATABASE_URL\.\n$/,
    ],
    [
      'a host that does not resolve',
      { DATABASE_URL: 'postgres://keys@nowhere.invalid/keys' },
      1,
      /^Cannot open the database nowhere\.invalid:5432\/keys \(.*ENOTFOUND.*\n$|EAI_AGAIN/,
    ],
    [
      'an address of another machine',
      { KEYS_HOST: '192.0.2.1' },
      1,
      /^This machine has no address 192\.0\.2\.1/,
    ],
  ])('says what to do in one sentence, and exits: %s', async (_, wrong, code, sentence) => {
    const program = await run('bin/keys.js', { ...(await good()), ...wrong });
    expect(program.stderr).toMatch(sentence);
    expect(program.code).toBe(code);
  });

  it.each(['KEYS_MANAGE_PORT', 'KEYS_VERIFY_PORT'])('says which port is taken: %s', async (name) => {
    const port = await freePort();
    const taken = createServer().listen(port, '127.0.0.1');
    await once(taken, 'listening');
    const program = await run('bin/keys.js', { ...(await good()), [name]: String(port) });
    expect(program.stderr).toBe(
      `Port ${port} is taken: stop what listens there, or set ${name} to another port.\n`,
    );
    expect(program.code).toBe(1);
    taken.close();
  });

  it('says that the password is wrong without repeating it', async () => {
    const url = new URL(database.url);
    url.password = 'hunter2';
    const program = await run('bin/keys.js', { ...(await good()), DATABASE_URL: url.href });
    expect(program.stderr).toContain('password authentication failed');
    expect(program.stderr).not.toContain('hunter2');
    expect(program.code).toBe(1);
  });
});

describe('a start of the gateway that cannot succeed', () => {
  it('says which setting is missing', async () => {
    const program = await run('bin/gateway.js', { ...TEST_SECRETS, REDIS_URL: redis.url });
    expect(program.stderr).toBe(
      'KEYS_VERIFY_URL is missing: it must be a URL such as tcp://keys:3002, or several separated by commas.\n',
    );
    expect(program.code).toBe(78);
  });

  it.each([
    ['KEYS_TLS_CA', 'hunter2', /^KEYS_TLS_CA must be one or more certificates in PEM.*\n$/],
    ['KEYS_TLS_CA', OURS.key, /^KEYS_TLS_CA must be one or more certificates in PEM.*\n$/],
    ['KEYS_VERIFY_URL', 'tcp://keys', /^KEYS_VERIFY_URL must be a URL such as tcp:\/\/keys:3002.*\n$/],
    ['REDIS_URL', 'redis://:100%@localhost', /^REDIS_URL must be a URL such as .*\n$/],
    ['REFUSE_PLAIN_HTTP', 'on', /^TRUSTED_PROXIES is missing: REFUSE_PLAIN_HTTP needs it\.\n$/],
    [
      'SECRET_SCANNING',
      'github,gitlab',
      /^GITLAB_KEYS_URL is missing: SECRET_SCANNING with gitlab needs it\.\n$/,
    ],
    [
      'SECRET_SCANNING',
      'gitea',
      /^SECRET_SCANNING must be none, or some of github, gitlab, trufflehog, .*\n$/,
    ],
    [
      'FORWARD_AUTH_AUDIENCES',
      'reports',
      /^GATEWAY_INTERNAL_PORT is missing: FORWARD_AUTH_AUDIENCES needs it\.\n$/,
    ],
  ])('says that a setting is wrong: %s', async (name, value, sentence) => {
    const program = await run('bin/gateway.js', {
      ...TEST_SECRETS,
      REDIS_URL: redis.url,
      KEYS_VERIFY_URL: 'tcp://127.0.0.1:9',
      [name]: value,
    });
    expect(program.stderr).toMatch(sentence);
    expect(program.code).toBe(78);
  });

  it.each(['10.0.0.0/8,hello', '10.0.0.0/33', '10.0.0.1,', '300.0.0.1', '::/0'])(
    'says that a list of proxies is wrong: %s',
    async (proxies) => {
      const program = await run('bin/gateway.js', {
        ...TEST_SECRETS,
        REDIS_URL: redis.url,
        KEYS_VERIFY_URL: 'tcp://127.0.0.1:9',
        TRUSTED_PROXIES: proxies,
      });
      expect(program.stderr).toBe(
        'TRUSTED_PROXIES must be addresses or networks such as 10.0.0.7 and 10.1.0.0/16, separated by commas.\n',
      );
      expect(program.code).toBe(78);
    },
  );
});
