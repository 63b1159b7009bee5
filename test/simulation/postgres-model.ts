import type { KeyId } from '#libs/key-format';
import type { Recorded } from '#libs/revocations';
import type { World } from './world.js';

/** A key and its owner as a statement reads them. */
export interface Row {
  readonly id: KeyId;
  readonly ownerId: string;
  readonly revoked: boolean;
  readonly cacheable: boolean;
}

/** The primary. What is done to it is done in one moment; whoever asked for it hears of that later. */
export class PostgresServer {
  readonly #keys = new Map<KeyId, { readonly ownerId: string; revokedAt: number }>();

  #recorded: Recorded | null = null;

  constructor(private readonly world: World) {}

  insert(id: KeyId, ownerId: string): void {
    this.#keys.set(id, { ownerId, revokedAt: Infinity });
  }

  /** The row as it is, or as a replica that lags behind would have it, for a gateway that follows `log`. */
  read(id: KeyId, log: string | null, lagMs = 0): Row | undefined {
    const key = this.#keys.get(id);
    const cacheable = this.#recorded?.identity === log;
    return key && { id, ownerId: key.ownerId, revoked: key.revokedAt <= this.world.now - lagMs, cacheable };
  }

  readRecorded(): Recorded | null {
    return this.#recorded;
  }

  replaceRecorded(before: Recorded | null, identity: string): Recorded {
    if (this.#recorded === null || this.#recorded.generation === before?.generation)
      this.#recorded = { identity, generation: (this.#recorded?.generation ?? 0) + 1 };
    return this.#recorded;
  }

  /** Commits a revocation; says whether this one did it. */
  revoke(id: KeyId): boolean {
    const key = this.#keys.get(id);
    if (key?.revokedAt !== Infinity) return false;
    key.revokedAt = this.world.now;
    return true;
  }
}
