import { Injectable } from '@nestjs/common';
import { Histogram, Registry } from 'prom-client';
import type { VerifyAnswer } from '#libs/keys-contract';
import { byLabel, registerCounter } from '#libs/service';

/** What an operator sees of the verification RPC. */
@Injectable()
export class VerifyMetrics {
  readonly #answers: Record<string, number> = {};
  readonly #seconds: Histogram;

  constructor(registry: Registry) {
    this.#seconds = new Histogram({
      name: 'keys_verify_seconds',
      help: 'How long a question about a key takes to answer, failures included.',
      // From a row that is read over bcrypt at cost 12 to the longest statement.
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers: [registry],
    });
    registerCounter(registry, {
      name: 'keys_verify_responses_total',
      help: 'Questions about keys, by the answer: `valid`, why it was refused, `busy`, or `failed` for want of one.',
      labels: ['answer'],
      read: () => byLabel('answer', this.#answers),
    });
  }

  /** Measures a question, and counts its answer. */
  async measure(answering: Promise<VerifyAnswer>): Promise<VerifyAnswer> {
    const askedAt = performance.now();
    let name = 'failed';
    try {
      const answer = await answering;
      name = answer.outcome === 'refused' ? answer.reason : answer.outcome;
      return answer;
    } finally {
      this.#answers[name] = (this.#answers[name] ?? 0) + 1;
      this.#seconds.observe((performance.now() - askedAt) / 1000);
    }
  }
}
