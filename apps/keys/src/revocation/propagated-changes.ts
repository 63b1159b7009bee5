import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { systemClock } from '#libs/clock';
import { type Propagation, RevocationPublisher, type Invalidation } from '#libs/revocations';
import { RevocationMetrics } from './revocation-metrics.js';
import { OutboxInDatabase } from './outbox-in-database.js';

/** What was done in a transaction, and whose cached answers are out of date because of it: nobody's, or those. */
export interface Change<Result> {
  readonly result: Result;
  readonly invalidates: Exclude<Invalidation, { kind: 'everything' }> | null;
}

/** Makes changes that no gateway may be behind with once they have returned. */
@Injectable()
export class PropagatedChanges {
  constructor(
    private readonly database: DataSource,
    private readonly outbox: OutboxInDatabase,
    private readonly publisher: RevocationPublisher,
    private readonly metrics: RevocationMetrics,
  ) {}

  /**
   * Commits what `make` does, and resolves once that is in effect at every gateway. Rejects when the commit fails:
   * then nothing has changed. The effect is null when nobody is concerned.
   */
  async commit<Result>(
    make: (manager: EntityManager) => Promise<Change<Result>>,
  ): Promise<{ readonly result: Result; readonly effect: Propagation | null }> {
    const { result, invalidates, outboxId } = await this.database.transaction(async (manager) => {
      const change = await make(manager);
      const outboxId = change.invalidates && (await this.outbox.put(manager, change.invalidates));
      return { ...change, outboxId };
    });
    if (invalidates === null || outboxId === null) return { result, effect: null };
    // Read after the commit is confirmed: from here on, every look at the rows finds the change.
    const committedAt = systemClock.now();
    const effect = await this.publisher.publish(invalidates, committedAt, () =>
      this.outbox.removeSoon(outboxId),
    );
    this.metrics.effective(effect);
    return { result, effect };
  }
}
