import { setTimeout as sleep } from 'node:timers/promises';
import { ManageClient, ManageRefused } from '#libs/keys-client';
import type { Revocation } from '#libs/keys-contract';
import { TEST_SECRETS, noteIssued, until } from '#libs/testing';
import { History } from './history.js';

/** How many keys traffic chooses from: the newest, including revoked ones. */
const WINDOW = 40;

/** How long traffic waits between two requests, in milliseconds. Without, it takes the processor from what it tests. */
const PAUSE_MS = 10;

/** The parts of a stack that a workload needs: its URLs. */
export interface Called {
  readonly keys: readonly { readonly service: { readonly url: string } }[];
  readonly gateways: readonly { readonly url: string }[];
}

/** A revoke that has returned. */
export interface TimedRevoke {
  readonly tookMs: number;
  readonly revocation: Revocation;
}

/** Issues keys, uses them at every gateway, and revokes them, all at the same time, and records everything. */
export class Workload {
  readonly history = new History();
  readonly revokes: TimedRevoke[] = [];
  readonly #stack: Called;
  readonly #manage: readonly ManageClient[];
  readonly #tokens: string[] = [];
  readonly #atOnce: number;
  #isOver = false;
  #isHappening = false;
  #wanted: number;
  #revoked = 0;
  /** Requests that are only awaited at the end. */
  readonly #probes: Promise<unknown>[] = [];

  /** `revokes`: their minimum number, `atOnce` of them at the same time. */
  constructor(stack: Called, revokes: number, atOnce = 8) {
    this.#stack = stack;
    this.#wanted = revokes;
    this.#atOnce = atOnce;
    const credential = TEST_SECRETS.KEYS_MANAGE_TOKEN;
    this.#manage = stack.keys.map(
      ({ service }) => new ManageClient({ url: service.url, credential, timeoutMs: 30_000 }),
    );
  }

  /** Runs until enough revokes have returned and `happening` is over. */
  async run(happening: () => Promise<void>): Promise<void> {
    await this.#anywhere((keys) => keys.putOwner('ada', { email: 'ada@example.com' }));
    const traffic = this.#stack.gateways.flatMap((_, gateway) => [this.#use(gateway), this.#use(gateway)]);
    this.#isHappening = true;
    const revoking = Array.from({ length: this.#atOnce }, () => this.#issueAndRevoke());
    try {
      // On a busy machine, it takes a while until there is a key that can be used.
      await until(() => this.history.check().accepted > 0);
      await sleep(300);
      await happening();
    } finally {
      this.#isHappening = false;
      await Promise.all(revoking);
      await sleep(300); // requests that begin after the last return
      this.#isOver = true;
      await Promise.all([...traffic, ...this.#probes]);
    }
  }

  /** Issues a key, uses it at every gateway, and revokes it; repeatedly, one key after the other. */
  async runAtRest(): Promise<void> {
    await this.#anywhere((keys) => keys.putOwner('ada', { email: 'ada@example.com' }));
    while (this.#wanted-- > 0) {
      const { token, id } = await this.#issue();
      for (const gateway of this.#stack.gateways.keys()) await this.#request(gateway, token);
      await this.#revoke(token, id);
    }
  }

  /** Uses a new key at a gateway until it is accepted; returns how many milliseconds that took. */
  async recover(): Promise<number> {
    const beganAt = performance.now();
    const { token } = await this.#issue();
    await Promise.all(
      this.#stack.gateways.map(async (_, gateway) => {
        while ((await this.#request(gateway, token)) !== 200) await sleep(20);
      }),
    );
    return performance.now() - beganAt;
  }

  async #issueAndRevoke(): Promise<void> {
    while (this.#wanted-- > 0 || this.#isHappening) {
      const { token, id } = await this.#issue();
      this.#probe(token); // so that every gateway has it cached
      await sleep(50 + 250 * Math.random());
      await this.#revoke(token, id);
      this.#probe(token);
    }
  }

  /** Uses a key once at each gateway, without waiting: one may be frozen. */
  #probe(token: string): void {
    for (const gateway of this.#stack.gateways.keys()) this.#probes.push(this.#request(gateway, token));
  }

  async #revoke(token: string, id: string): Promise<void> {
    this.history.revokeBegins(token);
    const beganAt = performance.now();
    // At alternating replicas, so that each gets as many.
    const revocation = await this.#anywhere((keys) => keys.revoke(id), this.#revoked++);
    this.history.revokeReturned(token);
    this.revokes.push({ tookMs: performance.now() - beganAt, revocation });
  }

  async #issue(): Promise<{ token: string; id: string }> {
    const { token, key } = await this.#anywhere((keys) =>
      keys.issue('ada', { name: 'x', capabilities: ['kb:read'] }),
    );
    noteIssued(token);
    this.history.issued(token);
    this.#tokens.push(token);
    return { token, id: key.id };
  }

  async #use(gateway: number): Promise<void> {
    while (!this.#isOver) {
      const token = this.#tokens.at(-1 - Math.floor(Math.random() * Math.min(WINDOW, this.#tokens.length)));
      if (token !== undefined) await this.#request(gateway, token);
      await sleep(PAUSE_MS);
    }
  }

  /** The status, or 0 without a response, which faults may cause. */
  async #request(gateway: number, token: string): Promise<number> {
    const beganAt = performance.now();
    try {
      const response = await fetch(`${this.#stack.gateways[gateway]?.url ?? ''}/v1/me`, {
        headers: { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(20_000),
      });
      await response.arrayBuffer();
      this.history.observe({ token, gateway, beganAt, endedAt: performance.now(), status: response.status });
      return response.status;
    } catch {
      return 0;
    }
  }

  /** Asks a replica of keys, and others if it cannot answer, until one does. */
  async #anywhere<Answer>(
    ask: (keys: ManageClient) => Promise<Answer>,
    first = Math.floor(Math.random() * this.#manage.length),
  ): Promise<Answer> {
    for (let attempt = first; ; attempt++) {
      const keys = this.#manage[attempt % this.#manage.length];
      if (keys === undefined) throw new Error('there is no keys service');
      try {
        return await ask(keys);
      } catch (err) {
        if (err instanceof ManageRefused && err.status < 500) throw err;
        await sleep(50);
      }
    }
  }
}
