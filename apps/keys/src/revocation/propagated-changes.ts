import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { systemClock } from '#libs/clock';
import { type Propagation, RevocationPublisher, type Invalidation } from '#libs/revocations';
import { RevocationMetrics } from './revocation-metrics.js';
import { OutboxInDatabase } from './outbox-in-database.js';

/** What was done in a transaction, and which cached answers it makes outdated, if any. */
export interface Change<Result> {
  readonly result: Result;
  readonly invalidates: Exclude<Invalidation, { kind: 'everything' }> | null;
}

/** Commits changes, and returns once no gateway acts on what was before. */
@Injectable()
export class PropagatedChanges {
  constructor(
    private readonly database: DataSource,
    private readonly outbox: OutboxInDatabase,
    private readonly publisher: RevocationPublisher,
    private readonly metrics: RevocationMetrics,
  ) {}

  /**
   * Commits what `make` does, and resolves once that is in effect at every gateway. Rejects if the commit fails: then
   * nothing has changed. The effect is null if no cached answer is outdated.
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
    // Read after the commit is confirmed: from here on, every read of the rows finds the change.
    const committedAt = systemClock.now();
    const effect = await this.publisher.publish(invalidates, committedAt, () =>
      this.outbox.removeSoon(outboxId),
    );
    this.metrics.effective(effect);
    return { result, effect };
  }
}
