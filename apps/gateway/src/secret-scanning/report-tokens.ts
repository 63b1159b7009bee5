import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { systemClock } from '#libs/clock';
import { KeyVerifier } from '#libs/key-guard';
import type { KeySighting } from '#libs/key-verifier';
import { retryAfter } from '#libs/problems';
import { isUndone } from '../exposure/pending-reports.js';
import { reportInBatches } from '../exposure/report-in-batches.js';
import { sightingBy } from '../exposure/sighting.js';
import { GatewayProblem } from '../gateway-problem.js';
import type { ReportedToken } from './reported-tokens.js';

/** How long it may take, in milliseconds. GitHub waits for 30 seconds. */
const DEADLINE_MS = 25_000;

/** Reports what a secret scanner has found. */
@Injectable()
export class ReportTokens {
  constructor(private readonly verifier: KeyVerifier) {}

  /**
   * Which of the tokens are, or were, keys. It resolves once no gateway accepts those that are revoked; and throws a problem
   * if that could not be done for all of them now, so that the scanner sends them again.
   */
  async execute(
    tokens: readonly ReportedToken[],
    req: FastifyRequest,
    source: KeySighting['source'],
  ): Promise<readonly boolean[]> {
    const reporting = this.#report(tokens, req, source);
    const stopWaiting = new AbortController();
    const late = systemClock.wait(DEADLINE_MS, stopWaiting.signal).then(() => undefined);
    const found = await Promise.race([reporting, late]);
    stopWaiting.abort();
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
    req: FastifyRequest,
    source: KeySighting['source'],
  ): Promise<readonly boolean[] | undefined> {
    const { exposed } = this.verifier;
    const keys = tokens.flatMap(({ token, url }, at) => {
      const key = exposed.find(token, source);
      return key === undefined ? [] : [{ at, key, sighting: sightingBy(req, source, url) }];
    });
    const outcomes = await reportInBatches(keys, ({ key, sighting }) => exposed.report(key, sighting));
    if (outcomes.some(({ outcome }) => isUndone(outcome))) return undefined;
    const ours = new Set(keys.filter((_, i) => outcomes[i]?.outcome !== 'refused').map(({ at }) => at));
    return tokens.map((_, at) => ours.has(at));
  }
}
