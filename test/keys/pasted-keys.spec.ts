import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { KeyFormat, newKeyId } from '#libs/key-format';
import { ManageClient } from '#libs/keys-client';
import { TEST_SECRETS, startProgram } from '#libs/testing';

/** Everything that the keys service has received, as it came: URLs, headers and bodies. */
let received: string[] = [];
let server: Server;
let url: string;
beforeAll(async () => {
  server = createServer((req, res) => {
    let text = `${req.method} ${req.url} ${JSON.stringify(req.rawHeaders)}`;
    req.on('data', (chunk: Buffer) => (text += chunk.toString()));
    req.on('end', () => {
      received.push(text);
      res.writeHead(404, { 'content-type': 'application/problem+json' });
      res.end('{"code":"not_found","detail":"There is nothing here."}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // eslint-disable-line @typescript-eslint/consistent-type-assertions -- it listens on a port
  url = `http://127.0.0.1:${port}`;
});
afterAll(() => void server.close());
afterEach(() => void (received = []));

const { KEYS_MANAGE_TOKEN } = TEST_SECRETS;
const format = new KeyFormat({ prefix: 'sk_live', tagSecrets: [TEST_SECRETS.KEY_TAG_SECRET] });
const id = newKeyId();
const token = format.print(id).text;
const secret = token.slice(-46);

async function keys(...args: string[]): Promise<{ code: unknown; stderr: string }> {
  const program = startProgram('bin/cli.js', { KEYS_URL: url, KEYS_MANAGE_TOKEN }, args);
  return { code: await program.exited, stderr: program.stderr };
}

const PASTED: [string, string][] = [
  ['with a carriage return after it', `${token}\r`],
  ['with a space before it', ` ${token}`],
  ['as a Bearer token', `Bearer ${token}`],
  ['with a comma after it', `${token},`],
  ['as a line of .env', `LE_BUREAU_KEY="${token}"\r\n`],
  ['cut off', token.slice(0, -3)],
];

describe('a key that is pasted into the command line', () => {
  it.each(PASTED)('is recognized, and only its ID is sent: %s', async (_, pasted) => {
    await keys('revoke', pasted);
    expect(received).toHaveLength(1);
    expect(received[0]).toContain(`POST /keys/${id}/revoke `);
    expect(received[0]).not.toContain(secret.slice(0, 20));
  });

  it.each([
    ['no key', 'hello'],
    ['the secret of a key alone', secret],
    ['a key without its prefix and half of its id', token.slice(18)],
    ['two keys', `${token} ${format.print(newKeyId()).text}`],
  ])('is refused before anything is sent, and not repeated: %s', async (_, pasted) => {
    const { code, stderr } = await keys('revoke', pasted);
    expect(received).toEqual([]);
    expect(stderr).toContain('22 characters after sk_live_');
    expect(stderr).not.toContain(secret.slice(0, 20));
    expect(code).toBe(2);
  });

  it('is looked up by its ID alone when a text is searched, and not at all if its checksum is wrong', async () => {
    const mistyped = format.print(newKeyId()).text.replace(/.$/, (last) => (last === 'x' ? 'y' : 'x'));
    const { code } = await keys('find', `${token} ${mistyped} ${secret} and more`);
    expect(received).toHaveLength(1);
    expect(received[0]).toContain(`GET /keys/${id} `);
    expect(received[0]).not.toContain(secret.slice(0, 20));
    expect(code).toBe(3);
  });

  it('is not sent from options that take no key', async () => {
    for (const args of [
      ['list', '--owner', token],
      ['issue', '--owner', 'ada', '--name', ` ${token}\r`, '--capability', 'kb:read'],
      ['issue', '--owner', 'ada', '--name', 'x', '--capability', token],
      ['issue', '--owner', 'ada', '--name', 'x', '--capability', 'kb:read', '--idempotency-key', token],
      ['issue', '--owner', 'ada', '--name', 'x', '--capability', 'kb:read', '--expires', token],
      ['revoke', id, '--reason', `leaked: ${token}`],
      ['find', id, '--revoke', '--reason', `leaked: ${token}`],
      ['expire', id, '--at', token],
      ['owners', 'show', token],
      ['owners', 'suspend', token],
      ['owners', 'put', token, '--email', 'ada@example.com'],
      ['owners', 'put', 'ada', '--email', `${token}@example.com`],
    ]) {
      const { code, stderr } = await keys(...args);
      expect([args, received]).toEqual([args, []]);
      expect(stderr).not.toContain(secret);
      expect(code).toBe(2);
    }
  });
});

describe('a key that a program passes to the client of the management API', () => {
  const client = (): ManageClient => new ManageClient({ url, credential: KEYS_MANAGE_TOKEN });

  it('is sent without its secret', async () => {
    for (const pasted of [token, `${token}\r`, `Bearer ${token}`]) {
      await expect(client().revoke(pasted)).rejects.toThrow();
      await expect(client().get(pasted)).rejects.toThrow();
      await expect(client().activity(pasted)).rejects.toThrow();
      await expect(client().expire(pasted, { expiresAt: '2099-01-01T00:00:00Z' })).rejects.toThrow();
    }
    expect(received).toHaveLength(12);
    expect(received.join()).not.toContain(secret);
    await expect(client().revoke(secret)).rejects.toThrow('22 characters after sk_live_');
    expect(received).toHaveLength(12);
  });
});
