import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { type AddressInfo, type Socket, createServer } from 'node:net';
import { KeyFormat, newKeyId } from '#libs/key-format';
import { VerifyClient } from './verify-client.js';

const format = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['x'] });
const key = format.read(format.print(newKeyId()).text);
if (key.outcome !== 'genuine') throw new Error('a key of ours is genuine');
const ANSWER = { outcome: 'refused', reason: 'unknown', cacheable: false };
const closings: (() => void)[] = [];
afterEach(() => {
  for (const close of closings.splice(0)) close();
});

/** A replica of keys on the wire: Nest's TCP transport writes `<length>#<JSON>`. */
class Replica {
  readonly sockets: Socket[] = [];
  answer: object = ANSWER;
  /** Answered instead, if it is set. */
  error: string | undefined;
  questions = 0;
  readonly #server = createServer((socket) => {
    this.sockets.push(socket);
    socket.on('data', (message) => {
      this.questions += 1;
      const { id } = JSON.parse(message.toString().replace(/^\d+#/, ''));
      const answer = JSON.stringify({
        id,
        ...(this.error === undefined ? { response: this.answer } : { err: this.error }),
        isDisposed: true,
      });
      socket.write(`${answer.length}#${answer}`);
    });
  });

  async listen(host: string, port: number): Promise<number> {
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    closings.push(() => {
      this.#server.close();
      for (const socket of this.sockets) socket.destroy();
    });
    return (this.#server.address() as AddressInfo).port; // eslint-disable-line @typescript-eslint/consistent-type-assertions -- it listens on a port
  }
}

describe('the verify client', () => {
  it('asks another replica once one has closed its connection, and may be gone', async () => {
    const replicas = { '127.0.0.1': new Replica(), '127.0.0.2': new Replica() };
    const port = await replicas['127.0.0.1'].listen('127.0.0.1', 0);
    await replicas['127.0.0.2'].listen('127.0.0.2', port);
    const client = new VerifyClient({
      url: `tcp://keys:${port}`,
      credential: 'c',
      resolve: () => Promise.resolve(Object.keys(replicas)),
    });
    closings.push(() => client.close());

    expect(await client.verify(key, null)).toEqual(ANSWER);
    const [leaving, staying] = Object.values(replicas).sort((a, b) => b.questions - a.questions);
    const [socket] = leaving?.sockets ?? [];
    socket?.end();
    if (socket !== undefined) await once(socket, 'close');

    expect(await client.verify(key, null)).toEqual(ANSWER);
    expect([leaving?.questions, staying?.questions]).toEqual([1, 1]);
  });

  it('reads answers of earlier and later versions, and shares their lists of capabilities', async () => {
    const replica = new Replica();
    const port = await replica.listen('127.0.0.1', 0);
    const client = new VerifyClient({ url: `tcp://127.0.0.1:${port}`, credential: 'c' });
    closings.push(() => client.close());
    const owner = { id: 'ada', email: 'ada@example.com', role: 'user', tier: 'free' };
    const principal = { keyId: key.id, expiresAtMs: null, rateLimitPerMinute: null, owner };
    const ask = async (capabilities: string[]) => {
      const answer = { outcome: 'valid', principal: { ...principal, capabilities }, cacheable: true };
      replica.answer = { ...answer, addedLater: 1 };
      return client.verify(key, null);
    };

    const [one, other] = [await ask(['invoices:read', 'kb:read']), await ask(['invoices:read', 'kb:read'])];
    expect(one).toEqual({
      outcome: 'valid',
      principal: {
        ...principal,
        capabilities: ['invoices:read', 'kb:read'],
        owner: { ...owner, emailVerified: false },
      },
      cacheable: true,
    });
    if (one.outcome !== 'valid' || other.outcome !== 'valid') throw new Error('a valid key was refused');
    expect(other.principal.capabilities).toBe(one.principal.capabilities);

    replica.answer = { outcome: 'refused', reason: 'quarantined', cacheable: true };
    expect(await client.verify(key, null)).toEqual({ outcome: 'refused', reason: 'other', cacheable: true });
    replica.answer = { outcome: 'refused', cacheable: 'yes' };
    expect(await client.verify(key, null)).toMatchObject({ outcome: 'unavailable' });
  });

  it('learns the capabilities of the catalogue from a replica that can tell, and none from older versions', async () => {
    const replicas = [new Replica(), new Replica()] as const;
    const port = await replicas[0].listen('127.0.0.1', 0);
    await replicas[1].listen('127.0.0.2', port);
    const client = new VerifyClient({
      url: `tcp://keys:${port}`,
      credential: 'c',
      resolve: () => Promise.resolve(['127.0.0.1', '127.0.0.2']),
    });
    closings.push(() => client.close());
    const older = 'There is no matching message handler defined in the remote service.';

    for (const replica of replicas)
      Object.assign(replica, { error: older, answer: { capabilities: ['a:b'] } });
    expect(await client.catalogue()).toEqual({ outcome: 'unknown' });
    for (const replica of replicas) {
      replica.error = undefined;
      expect(await client.catalogue()).toEqual({ outcome: 'known', capabilities: ['a:b'] });
      replica.error = older;
    }
    replicas[1].error = 'Internal server error';
    expect(await client.catalogue()).toEqual({ outcome: 'unknown' });
    replicas[0].error = 'Internal server error';
    const cause = new Error('Internal server error');
    expect(await client.catalogue()).toEqual({ outcome: 'unavailable', cause });
  });

  it('does not take an older version’s answer for a revocation, and asks the next replica', async () => {
    const replicas = [new Replica(), new Replica()] as const;
    const port = await replicas[0].listen('127.0.0.1', 0);
    await replicas[1].listen('127.0.0.2', port);
    const client = new VerifyClient({
      url: `tcp://keys:${port}`,
      credential: 'c',
      resolve: () => Promise.resolve(['127.0.0.1', '127.0.0.2']),
    });
    closings.push(() => client.close());
    const older = 'There is no matching message handler defined in the remote service.';

    for (const replica of replicas)
      Object.assign(replica, { error: older, answer: { outcome: 'revoked', wasUsable: true } });
    const sighting = { source: 'public', url: null, address: '192.0.2.1', requestId: null };
    const cause = new Error(older);
    expect(await client.reportExposure(key, sighting)).toEqual({ outcome: 'unavailable', cause });
    for (const replica of replicas) {
      replica.error = undefined;
      expect(await client.reportExposure(key, sighting)).toEqual({ outcome: 'revoked', wasUsable: true });
      replica.error = older;
    }
    for (const replica of replicas)
      Object.assign(replica, { error: undefined, answer: { outcome: 'later' } });
    expect(await client.reportExposure(key, sighting)).toMatchObject({ outcome: 'unavailable' });
  });
});
