import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { FramedSocket } from './framed-socket.js';
import { RpcConnection } from './rpc-connection.js';

interface Asked {
  readonly id: string;
  readonly data: unknown;
}

let server: Server;
let accepted: Socket[];
let asked: Asked[];
/** Answers at the replica. */
let answer: (message: object) => void;
let whenAsked: () => void;
let connection: RpcConnection;
/** One for each time that its connection has closed. */
let closed: true[];

beforeEach(async () => {
  [accepted, asked, whenAsked] = [[], [], () => undefined];
  // The connection of the test before may close only now.
  const own: true[] = (closed = []);
  server = createServer((socket) => {
    accepted.push(socket);
    const frames = new FramedSocket(socket, (message) => {
      asked.push(message as Asked); // eslint-disable-line @typescript-eslint/consistent-type-assertions -- from our own client
      whenAsked();
    });
    socket.on('data', (data) => frames.receive(data));
    socket.on('error', () => undefined);
    answer = (message) => frames.send(message);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // eslint-disable-line @typescript-eslint/consistent-type-assertions -- it listens on a port
  const address = { host: '127.0.0.1', ip: '127.0.0.1', port, tls: false };
  connection = new RpcConnection({ address, onClose: () => own.push(true) });
});
afterEach(() => {
  connection.close();
  for (const socket of accepted) socket.destroy();
  server.close();
});

function ask(data: object, timeoutMs = 60_000): Promise<unknown> {
  return connection.request('question', data, timeoutMs);
}

/** Resolves once the replica has so many requests. */
async function received(count: number): Promise<void> {
  while (asked.length < count) await new Promise<void>((resolve) => (whenAsked = resolve));
}

describe('requests over a connection', () => {
  it('get the answers that belong to them, in any order', async () => {
    const answers = Promise.all([ask({ n: 1 }), ask({ n: 2 })]);
    await received(2);
    for (const { id, data } of [...asked].reverse()) answer({ id, response: data, isDisposed: true });
    expect(await answers).toEqual([{ n: 1 }, { n: 2 }]);
    expect(accepted).toHaveLength(1);
  });

  it('are rejected with what the replica has thrown', async () => {
    const rejected = expect(ask({})).rejects.toEqual({ status: 'error', message: 'No.' });
    await received(1);
    answer({ id: asked[0]?.id, err: { status: 'error', message: 'No.' }, isDisposed: true });
    await rejected;
  });

  it('are rejected if there is no answer in time; what comes later belongs to nobody', async () => {
    await expect(ask({}, 1)).rejects.toThrow('keys has not answered within 1 ms');
    const second = ask({ n: 2 });
    await received(2);
    for (const { id, data } of asked) answer({ id, response: data });
    answer({ response: 'for nobody' });
    expect(await second).toEqual({ n: 2 });
  });

  it('are rejected once the connection is closed, and the next one connects again', async () => {
    const rejected = expect(ask({})).rejects.toThrow('keys has closed the connection');
    await received(1);
    accepted[0]?.destroy();
    await rejected;
    expect(closed).toHaveLength(1);

    const second = ask({ n: 2 });
    await received(2);
    answer({ id: asked[1]?.id, response: 'again' });
    expect(await second).toBe('again');
  });

  it('are rejected once it was closed at this end, and never open it again', async () => {
    const rejected = expect(ask({})).rejects.toThrow('the connection to keys was closed');
    await received(1);
    connection.close();
    await rejected;
    await expect(ask({})).rejects.toThrow('the connection to keys was closed');
    expect(accepted).toHaveLength(1);
  });

  it('are rejected with the reason if it cannot connect', async () => {
    server.close();
    await expect(ask({})).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(closed).toHaveLength(1);
  });

  it('are rejected if what comes is no message', async () => {
    const rejected = expect(ask({})).rejects.toThrow('it does not begin with its length');
    await received(1);
    accepted[0]?.write('HTTP/1.1 400 Bad Request\r\n\r\n');
    await rejected;
  });
});
