import { type Socket, connect } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RandomHeaders, Stack, call } from '#libs/testing';

/** How many requests are sent, and how many before their answers are read. */
const REQUESTS = 100_000;
const BATCH = 200;

/** Printed if a test fails; set it to repeat that. */
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);

describe(`an Authorization header of any length and bytes (FUZZ_SEED=${SEED})`, () => {
  let stack: Stack;
  let token: string;
  beforeAll(async () => {
    stack = await Stack.start();
    ({ token } = await stack.issue());
  });
  afterAll(() => stack.stop());

  it(`gets the right response, ${REQUESTS.toLocaleString('en')} times`, async () => {
    const drawn = new RandomHeaders(SEED);
    const statuses = new Map<number, number>();
    const connection = new Connection(Number(new URL(stack.gatewayUrl).port));
    for (let sent = 0; sent < REQUESTS; sent += BATCH) {
      const headers = Array.from({ length: BATCH }, () => drawn.next(token));
      for (const status of await connection.ask(headers))
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    connection.close();
    // 200: some are the key itself. Nothing else is accepted, and nothing fails.
    expect([...statuses.keys()].sort()).toEqual([200, 400, 401]);
    expect([...statuses.values()].reduce((a, b) => a + b)).toBe(REQUESTS);
    expect(drawn.genuine).toBe(statuses.get(200));
  });

  it.each([
    ['a zero byte', 'Bearer \0'],
    ['a line feed alone', 'Bearer a\nb'],
    ['a carriage return alone', 'Bearer a\rb'],
    ['20,000 characters', `Bearer ${'a'.repeat(20_000)}`],
  ])('closes the connection if it is not a valid header: %s', async (_, header) => {
    const socket = connect(Number(new URL(stack.gatewayUrl).port), '127.0.0.1');
    socket.write(Buffer.from(`GET /v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: ${header}\r\n\r\n`, 'latin1'));
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1\.1 (400|431) /);
  });

  it('leaves the gateway working', async () => {
    expect((await call(`${stack.gatewayUrl}/v1/me`, token)).status).toBe(200);
    // A busy machine may lose its connection to Redis for a moment; a failing request is a different matter.
    const failed = stack.logs.split('\n').filter((line) => /"status":5\d\d|"level":"fatal"/.test(line));
    expect(failed).toEqual([]);
  });
});

/** A connection on which many requests are sent before the first is answered. */
class Connection {
  readonly #socket: Socket;
  #received = '';
  #arrived: () => void = () => undefined;

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('latin1');
      this.#arrived();
    });
    this.#socket.on('close', () => this.#arrived());
  }

  /** Sends a request with each header, and returns their statuses once all have arrived. */
  async ask(headers: readonly string[]): Promise<number[]> {
    this.#received = '';
    const requests = headers.map(
      (header) => `GET /v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: ${header}\r\n\r\n`,
    );
    this.#socket.write(Buffer.from(requests.join(''), 'latin1'));
    for (;;) {
      const statuses = [...this.#received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) =>
        Number(status),
      );
      if (statuses.length === headers.length) return statuses;
      if (this.#socket.destroyed) throw new Error(`the connection was closed: ${this.#received.slice(-500)}`);
      await new Promise<void>((resolve) => (this.#arrived = resolve));
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}
