import { type InProcessLog, RevocationFollower, type Timings } from '#libs/revocations';
import type { GenuineKey, KeyId, ReadKey } from '#libs/key-format';
import type { Verification } from '#libs/keys-client';
import { Authenticator, type Verifier } from '../../../libs/key-verifier/src/authentication/authenticator.js';
import { PrincipalCache } from '../../../libs/key-verifier/src/authentication/principal-cache.js';
import type { Connection } from './connection.js';
import type { History } from './history.js';
import { KEY_IDS } from './key-ids.js';
import type { KeysReplica } from './keys-replica.js';
import type { SimulatedProcess } from './process.js';
import { SimulatedRedisLog } from './redis-model.js';
import type { Followed, Variant } from './variant.js';

/** A replica of keys, and the gateway's connection to it. */
export interface Link {
  readonly keys: KeysReplica;
  readonly connection: Connection;
}

export interface GatewayParts {
  readonly process: SimulatedProcess;
  readonly log: SimulatedRedisLog | InProcessLog;
  /** Those to try, in order. */
  readonly links: () => readonly Link[];
  readonly history: History;
  readonly timings: Timings;
  readonly variant: Variant;
}

/** A gateway: the production follower, cache and authenticator, in a simulated world. */
export class Gateway {
  readonly process: SimulatedProcess;
  readonly log: SimulatedRedisLog | InProcessLog;
  readonly #links: () => readonly Link[];
  readonly #history: History;
  readonly #follower: RevocationFollower;
  readonly #authenticator: Authenticator;

  constructor({ process, log, links, history, timings, variant }: GatewayParts) {
    this.process = process;
    this.log = log;
    this.#links = links;
    this.#history = history;
    const { cacheTtlMs, margin } = timings;
    const parts = { clock: variant.gatewayClock?.(process) ?? process.clock, cacheTtlMs, margin, size: 8 };
    const cache = variant.cache?.(parts) ?? new PrincipalCache(parts);
    this.#follower = new RevocationFollower({
      ...followed(log, cache, process, variant),
      clock: parts.clock,
      timings,
      instance: variant.instance?.(process) ?? process.name,
    });
    const verifier: Verifier = { verify: (key, log) => this.#verify(key, log) };
    const authenticating = {
      format: { read: genuine, extractId: (text: string) => text },
      cache,
      verifier: variant.verifier?.(verifier) ?? verifier,
      lease: variant.lease?.(this.#follower, process) ?? this.#follower,
    };
    this.#authenticator =
      variant.authenticator?.(authenticating, process) ?? new Authenticator(authenticating);
    this.#follower.start();
  }

  /** A request with the key arrives, on a new connection. */
  request(keyId: KeyId): void {
    const sent = this.#history.requestIsSent(this.process, keyId);
    this.process.enterAside(() => {
      void (async () => {
        this.#history.requestIsAnswered(sent, await this.#authenticator.authenticate(keyId));
      })();
    });
  }

  /** Stops gracefully. */
  stop(): void {
    this.process.enter(() => {
      void this.#follower.stop().then(() => this.kill());
    });
  }

  kill(): void {
    this.process.kill();
    void this.log.close();
    for (const { connection } of this.#links()) connection.lose();
  }

  async #verify(key: GenuineKey, log: string | null): Promise<Verification> {
    let cause: unknown;
    for (const { keys, connection } of this.#links()) {
      try {
        return await connection.ask<Verification>((reply) => keys.verify(key.id, log, reply));
      } catch (err) {
        cause = err;
      }
    }
    return { outcome: 'unavailable', cause };
  }
}

function followed(
  log: GatewayParts['log'],
  cache: PrincipalCache,
  process: SimulatedProcess,
  variant: Variant,
): Followed {
  if (!(log instanceof SimulatedRedisLog)) return { log, cache };
  const ours = { log: variant.followedLog?.(log, cache, process) ?? log, cache };
  return variant.followed?.(log, cache, process) ?? ours;
}

/** A key's text is its ID here, since the format of keys is not simulated. */
function genuine(text: string): ReadKey {
  const id = KEY_IDS.find((known) => known === text);
  return id === undefined
    ? { outcome: 'malformed' }
    : { outcome: 'genuine', id, secret: '', digest: text, text };
}
