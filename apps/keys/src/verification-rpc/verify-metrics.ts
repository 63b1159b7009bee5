import { Injectable } from '@nestjs/common';
import { Histogram, Registry } from 'prom-client';
import type { VerifyAnswer } from '#libs/keys-contract';
import { byLabel, registerCounter } from '#libs/service';

/** Metrics of the verification RPC. */
@Injectable()
export class VerifyMetrics {
  readonly #answers: Record<string, number> = {};
  readonly #seconds: Histogram;

  constructor(registry: Registry) {
    this.#seconds = new Histogram({
      name: 'keys_verify_seconds',
      help: 'How long answering a question about a key takes, failures included.',
      // From reading a row, over bcrypt at cost 12, to the statement timeout.
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers: [registry],
    });
    registerCounter(registry, {
      name: 'keys_verify_responses_total',
      help: 'Answers to questions about keys: `valid`, the reason of a refusal, `busy`, or `failed`.',
      labels: ['answer'],
      read: () => byLabel('answer', this.#answers),
    });
  }

  /** Measures and counts the answer to a question. */
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
