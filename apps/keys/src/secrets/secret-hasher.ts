import { join } from 'node:path';
import type { OnApplicationShutdown } from '@nestjs/common';
import { Piscina } from 'piscina';
import type { ToCompare, ToHash } from './bcrypt-thread.js';
import { type Capacity, FairQueue } from './fair-queue.js';

/** For how long a thread without a run is kept, in milliseconds: runs are rare, and come in crowds. */
const IDLE_MS = 60_000;

/** What bcrypt is run for. */
export const BCRYPT_WORK = ['hash', 'compare'] as const;
export type BcryptWork = (typeof BCRYPT_WORK)[number];

/** The runs of one kind: at this moment, and since the process was started. */
export interface BcryptPoolStats {
  readonly running: number;
  readonly waiting: number;
  /** How many were started. */
  readonly started: number;
  /** How many were refused, too many waiting already. */
  readonly refused: number;
}

/** Runs of one kind, on threads that are started when they are needed. */
class BcryptPool<Task, Result> {
  readonly queue: FairQueue;
  readonly #threads: Piscina<Task, Result>;

  constructor(work: BcryptWork, capacity: Capacity) {
    this.queue = new FairQueue(capacity);
    this.#threads = new Piscina({
      filename: join(import.meta.dirname, 'bcrypt-thread.js'),
      name: work,
      minThreads: 0,
      maxThreads: capacity.running,
      idleTimeout: IDLE_MS,
      // They need neither our settings, among which are secrets, nor what this process was started with.
      env: {},
      execArgv: [],
    });
  }

  run(owner: string, task: Task): Promise<Result> {
    return this.queue.run(owner, () => this.#threads.run(task));
  }

  end(): Promise<void> {
    return this.#threads.destroy();
  }
}

/**
 * bcrypt, a few runs at a time. Each run takes a thread and a core for a long while, so how many run and how many wait
 * is bounded, and owners take turns ({@link FairQueue}): beyond that, `QueueFull` is thrown. Hashing and comparing have a
 * lane each, so that many keys being made do not keep those from being let in that exist. The threads are of a low priority: requests go first.
 *
 * Only the 32-character secret of a key goes in, never the whole key: bcrypt reads no further than 72 bytes.
 */
export class SecretHasher implements OnApplicationShutdown {
  readonly #cost: number;
  readonly #lanes: {
    readonly hash: BcryptPool<ToHash, string>;
    readonly compare: BcryptPool<ToCompare, boolean>;
  };
  readonly capacity: Capacity;

  constructor({ cost, concurrency, queue }: { cost: number; concurrency: number; queue: number }) {
    this.#cost = cost;
    this.capacity = { running: concurrency, waiting: queue };
    this.#lanes = {
      hash: new BcryptPool('hash', this.capacity),
      compare: new BcryptPool('compare', this.capacity),
    };
  }

  /** How many comparisons have been started so far. Verdicts are there to keep it from growing with requests. */
  get comparisons(): number {
    return this.#lanes.compare.queue.started;
  }

  /** How it stands with the runs of one kind. */
  lane(work: BcryptWork): BcryptPoolStats {
    return this.#lanes[work].queue;
  }

  /** The bcrypt hash of a secret for a key of `owner`; throws QueueFull when too many others wait. */
  hash(owner: string, secret: string): Promise<string> {
    return this.#lanes.hash.run(owner, { secret, cost: this.#cost });
  }

  /** Whether a secret is the one that was hashed for `owner`; throws QueueFull when too many others wait. */
  compare(owner: string, secret: string, hash: string): Promise<boolean> {
    return this.#lanes.compare.run(owner, { secret, hash });
  }

  /** Ends the threads; a run that is under way fails. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.#lanes.hash.end(), this.#lanes.compare.end()]);
  }
}
