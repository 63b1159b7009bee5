import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { type AddressInfo, type Server, Socket, createServer } from 'node:net';
import { FramedSocket } from './framed-socket.js';

/** Counts writes, in one piece or in several, and records whether they are sent at once. */
class CountingSocket extends Socket {
  writes = 0;
  hasNoDelay = false;

  override setNoDelay(noDelay = true): this {
    this.hasNoDelay = noDelay;
    return super.setNoDelay(noDelay);
  }

  override _write(...args: Parameters<Socket['_write']>): void {
    this.writes++;
    super._write(...args);
  }

  override _writev(...args: Parameters<NonNullable<Socket['_writev']>>): void {
    this.writes++;
    super._writev?.(...args);
  }
}

let server: Server;
let near: CountingSocket;
let far: Socket;
beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // eslint-disable-line @typescript-eslint/consistent-type-assertions -- it listens on a port
  const accepted = once(server, 'connection');
  near = new CountingSocket();
  near.connect(port, '127.0.0.1');
  await once(near, 'connect');
  [far] = await accepted;
});
afterEach(() => {
  for (const socket of [near, far]) socket.destroy();
  server.close();
});

/** The messages received at the far end, in order. */
function received(count: number): Promise<unknown[]> {
  const messages: unknown[] = [];
  return new Promise((resolve) => {
    open(far, (message) => {
      if (messages.push(message) === count) resolve(messages);
    });
  });
}

/** Reads and writes messages at one end. */
function open(socket: Socket, onMessage: (message: unknown) => void = () => undefined): FramedSocket {
  const frames = new FramedSocket(socket, onMessage);
  socket.on('data', (data) => frames.receive(data));
  return frames;
}

describe('a connection of the verification RPC', () => {
  it('sends the messages of one turn together at its end', async () => {
    const all = received(15);
    const socket = open(near);
    for (let i = 0; i < 15; i++) socket.send({ i });
    await Promise.resolve();
    expect(near.writes).toBe(0);
    expect(await all).toEqual(Array.from({ length: 15 }, (_, i) => ({ i })));
    expect(near.writes).toBe(1);
  });

  it('sends up to sixteen at a time, without waiting for the rest', async () => {
    const all = received(100);
    const socket = open(near);
    for (let i = 0; i < 32; i++) socket.send({ i });
    expect(near.writes).toBe(2);
    for (let i = 32; i < 100; i++) socket.send({ i });
    expect(await all).toEqual(Array.from({ length: 100 }, (_, i) => ({ i })));
    expect(near.writes).toBe(7);
  });

  it('also sends later messages, each once', async () => {
    const all = received(3);
    const socket = open(near);
    socket.send('a');
    await new Promise((resolve) => setImmediate(resolve));
    socket.send('b');
    socket.send('c');
    expect(await all).toEqual(['a', 'b', 'c']);
    expect(near.writes).toBe(2);
  });

  it('does not wait for the acknowledgment of earlier data', () => {
    open(near);
    expect(near.hasNoDelay).toBe(true);
  });

  it('does not deadlock if both ends have more to send than the system buffers', async () => {
    const count = 40_000;
    const answering = open(far, () => setImmediate(() => answering.send('y'.repeat(600))));
    await new Promise<void>((resolve) => {
      let got = 0;
      const asking = open(near, () => {
        if (++got === count) resolve();
      });
      for (let i = 0; i < count; i++) asking.send('x'.repeat(300));
    });
  });

  it('closes the connection to a peer that does not read, instead of buffering everything', async () => {
    far.pause();
    const socket = open(near);
    const failed = once(near, 'error');
    for (let i = 0; i < 80 && !near.destroyed; i++) socket.send('x'.repeat(1024 * 1024));
    expect(near.destroyed).toBe(true);
    expect(String(await failed)).toContain('has left 67108864 bytes unread');
  });

  it('does not fail if it was closed before the turn was over', async () => {
    const socket = open(near);
    socket.send('a');
    near.destroy();
    await new Promise((resolve) => setImmediate(resolve));
    expect(near.destroyed).toBe(true);
  });

  it('closes the connection after a message that is too long', async () => {
    open(far);
    far.on('error', () => undefined);
    const hungUp = once(near.resume(), 'end');
    near.write(`${2 * 1024 * 1024}#${'x'.repeat(2 * 1024 * 1024)}`);
    await hungUp;
  });
});
