import { Injectable } from '@nestjs/common';
import { Gauge, Histogram, Registry } from 'prom-client';
import { type Propagation, RevocationPublisher } from '#libs/revocations';
import { OutboxInDatabase } from './outbox-in-database.js';

/** Metrics of revocations. */
@Injectable()
export class RevocationMetrics {
  readonly #effective: Histogram<'how'>;

  constructor(registry: Registry, publisher: RevocationPublisher, outbox: OutboxInDatabase) {
    const registers = [registry];
    this.#effective = new Histogram({
      name: 'keys_revocation_effective_seconds',
      help: 'From the commit of a change (a revocation, or of an owner) to its effect at every gateway.',
      labelNames: ['how'],
      // From a gateway's quick acknowledgment over a lease (2.2 s) to the lifetime of caches (11 s).
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 11.5],
      registers,
    });
    new Gauge({
      name: 'keys_gateways_registered',
      help: 'Gateways that follow the revocation log, as of the last look at it.',
      registers,
      collect() {
        this.set(publisher.gateways);
      },
    });
    new Gauge({
      name: 'keys_revocation_outbox_waiting',
      help: 'Committed changes that may be missing from the revocation log; NaN while the database is unavailable.',
      registers,
      async collect() {
        this.set(await outbox.count().catch(() => NaN));
      },
    });
  }

  /** A change has come into effect. */
  effective({ how, waitedMs }: Propagation): void {
    this.#effective.observe({ how }, waitedMs / 1000);
  }
}
