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

/** What keys looks like on the wire: Nest's TCP transport writes `<length>#<JSON>`. */
class Replica {
  readonly sockets: Socket[] = [];
  questions = 0;
  readonly #server = createServer((socket) => {
    this.sockets.push(socket);
    socket.on('data', (message) => {
      this.questions += 1;
      const { id } = JSON.parse(message.toString().replace(/^\d+#/, ''));
      const answer = JSON.stringify({ id, response: ANSWER, isDisposed: true });
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
  it('asks another replica than the one that has hung up, which may be gone without a trace', async () => {
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
});
