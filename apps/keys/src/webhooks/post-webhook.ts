import { Agent } from 'undici';
import { errorMessage } from '#libs/postgres';
import { type Resolve, internetConnector } from './internet-connector.js';
import { retryAfterSeconds } from './retry-after.js';

/** A receiver's answer, or why there is none: a sentence without its first capital. */
export type Posted =
  | { readonly outcome: 'answered'; readonly status: number; readonly retryAfterSeconds: number | undefined }
  | { readonly outcome: 'unanswered'; readonly reason: string };

export interface PostOptions {
  /** Whether receivers may be on this machine or in a private network. */
  readonly allowPrivate: boolean;
  /** How long an attempt may take until the answer begins, connecting included, in milliseconds. */
  readonly timeoutMs?: number;
  /** Resolves names. Default: the system's resolver. */
  readonly resolve?: Resolve;
}

/** Standard Webhooks recommends 15 to 30 seconds. */
const TIMEOUT_MS = 15_000;

/** How much of an answer is read, so that a receiver need not fear that we hang up: its status says all. */
const MAX_ANSWER_BYTES = 16 * 1024;

/** Sends webhooks over HTTP: to addresses of the internet, without redirects or proxies, on a new connection each. */
export class PostWebhook {
  readonly #agent: Agent;
  readonly #allowPrivate: boolean;
  readonly #timeoutMs: number;

  constructor({ allowPrivate, timeoutMs = TIMEOUT_MS, resolve }: PostOptions) {
    this.#allowPrivate = allowPrivate;
    this.#timeoutMs = timeoutMs;
    const connect = { timeout: timeoutMs };
    this.#agent = new Agent({
      // A kept connection may close just when it is used, and events are rare.
      pipelining: 0,
      connect: allowPrivate ? connect : internetConnector(connect, resolve),
      headersTimeout: 0, // the signal is what limits it
      bodyTimeout: timeoutMs,
      maxHeaderSize: MAX_ANSWER_BYTES,
    });
  }

  /** Never rejects. Resolves when the answer begins: what follows its status is not waited for. */
  async execute(
    url: string,
    headers: Readonly<Record<string, string>>,
    body: string,
    signal: AbortSignal,
  ): Promise<Posted> {
    const { protocol, origin, pathname, search } = new URL(url);
    // The webhook may be from when it was allowed.
    if (protocol !== 'https:' && !this.#allowPrivate)
      return { outcome: 'unanswered', reason: `${protocol} is not allowed without WEBHOOK_ALLOW_PRIVATE` };
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    try {
      const answer = await this.#agent.request({
        origin,
        path: pathname + search,
        method: 'POST',
        headers,
        body,
        signal: AbortSignal.any([signal, timeout]),
      });
      // The receiver has answered, so that a failure from here on does not matter.
      answer.body.dump({ limit: MAX_ANSWER_BYTES }).catch(() => undefined);
      const { statusCode: status } = answer;
      return { outcome: 'answered', status, retryAfterSeconds: retryAfterSeconds(answer.headers) };
    } catch (err) {
      const reason = timeout.aborted
        ? `no answer within ${this.#timeoutMs / 1000} seconds`
        : errorMessage(err);
      return { outcome: 'unanswered', reason };
    }
  }

  /** After those who use it have stopped. */
  async onApplicationShutdown(): Promise<void> {
    await this.#agent.destroy();
  }
}
