import type { FastifyRequest } from 'fastify';
import type { Clock } from '#libs/clock';
import type { ExposedKeys, KeySighting } from '#libs/key-verifier';
import { retryAfter } from '#libs/problems';
import { reportInBatches } from '../exposure/report-in-batches.js';
import { sightingBy } from '../exposure/sighting.js';
import { GatewayProblem } from '../gateway-problem.js';
import type { ReportedToken } from './reported-tokens.js';

/** How long it may take, in milliseconds. GitHub waits for 30 seconds. */
const DEADLINE_MS = 25_000;

/** How long to wait while keys has too many secrets to verify, in milliseconds: about as long as bcrypt takes. */
const BUSY_MS = 500;

/** Reports what a secret scanner has found. */
export class ReportTokens {
  readonly #exposed: Pick<ExposedKeys, 'find' | 'report'>;
  readonly #clock: Clock;

  constructor({ exposed, clock }: { exposed: Pick<ExposedKeys, 'find' | 'report'>; clock: Clock }) {
    this.#exposed = exposed;
    this.#clock = clock;
  }

  /**
   * Which of the tokens are, or were, keys. It resolves once no gateway accepts those that are revoked; and throws a problem
   * if that could not be done for all of them now, so that the scanner sends them again.
   */
  async execute(
    tokens: readonly ReportedToken[],
    req: Pick<FastifyRequest, 'ip' | 'id'>,
    source: KeySighting['source'],
  ): Promise<readonly boolean[]> {
    const over = new AbortController();
    const reporting = this.#report(tokens, req, source, over.signal);
    const late = this.#clock.wait(DEADLINE_MS, over.signal).then(() => undefined);
    const found = await Promise.race([reporting, late]);
    over.abort();
    if (found === undefined)
      throw new GatewayProblem(
        'unavailable',
        'Not all of these could be processed right now. Send the same request again.',
        { headers: retryAfter(10), reason: 'exposure_not_done' },
      );
    return found;
  }

  /** Undefined if not all of them could be reported. */
  async #report(
    tokens: readonly ReportedToken[],
    req: Pick<FastifyRequest, 'ip' | 'id'>,
    source: KeySighting['source'],
    over: AbortSignal,
  ): Promise<readonly boolean[] | undefined> {
    const keys = tokens.flatMap(({ token, url }, at) => {
      const key = this.#exposed.find(token, source);
      return key === undefined ? [] : [{ at, key, sighting: sightingBy(req, source, url) }];
    });
    const ours = new Set<number>();
    for (let left = keys; left.length > 0 && !over.aborted;) {
      const outcomes = await reportInBatches(left, ({ key, sighting }) =>
        this.#exposed.report(key, sighting),
      );
      if (outcomes.some(({ outcome }) => outcome === 'unavailable')) return undefined;
      for (const [i, { at }] of left.entries()) if (isOurs(outcomes[i]?.outcome)) ours.add(at);
      left = left.filter((_, i) => outcomes[i]?.outcome === 'busy');
      if (left.length > 0) await this.#clock.wait(BUSY_MS, over);
    }
    return tokens.map((_, at) => ours.has(at));
  }
}

/** Whether it is, or was, a key. */
function isOurs(outcome: string | undefined): boolean {
  return outcome === 'revoked' || outcome === 'marked';
}
