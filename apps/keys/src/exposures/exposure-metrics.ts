import { Injectable } from '@nestjs/common';
import { Registry } from 'prom-client';
import { EXPOSURE_SOURCES, type ExposureAnswer } from '#libs/keys-contract';
import { type Sample, registerCounter } from '#libs/service';

type Outcome = ExposureAnswer['outcome'];

/** Counts reports of keys that others have seen. */
@Injectable()
export class ExposureMetrics {
  readonly #counts = new Map<string, Map<Outcome, number>>();

  constructor(registry: Registry) {
    registerCounter(registry, {
      name: 'keys_exposures_total',
      help: 'Reports of exposed keys, by their source, and what followed: `revoked`, `marked`, `refused` (there is no such key) or `busy`.',
      labels: ['source', 'outcome'],
      read: () => this.#samples(),
    });
  }

  count(source: string, outcome: Outcome): void {
    // A label has few values, all known beforehand.
    const label = EXPOSURE_SOURCES.some((known) => known === source) ? source : 'other';
    const ofSource = this.#counts.get(label) ?? new Map<Outcome, number>();
    this.#counts.set(label, ofSource.set(outcome, (ofSource.get(outcome) ?? 0) + 1));
  }

  #samples(): Sample[] {
    return [...this.#counts].flatMap(([source, ofSource]) =>
      [...ofSource].map(([outcome, value]) => ({ labels: { source, outcome }, value })),
    );
  }
}
