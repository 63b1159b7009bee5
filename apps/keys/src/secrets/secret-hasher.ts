import { join } from 'node:path';
import type { OnApplicationShutdown } from '@nestjs/common';
import { Piscina } from 'piscina';
import type { ToCompare, ToHash } from './bcrypt-thread.js';
import { type Capacity, FairQueue, type TaskResult } from './fair-queue.js';

/** How long an idle thread is kept, in milliseconds: runs are rare and come in bursts. */
const IDLE_MS = 60_000;

/** What bcrypt is run for. */
export const BCRYPT_WORK = ['hash', 'compare'] as const;
export type BcryptWork = (typeof BCRYPT_WORK)[number];

/** The runs of one kind: current, and since the process started. */
export interface BcryptPoolStats {
  readonly running: number;
  readonly waiting: number;
  /** How many were started. */
  readonly started: number;
  /** How many were refused, too many waiting already. */
  readonly refused: number;
}

/** Runs of one kind, on threads that are started when needed. */
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
      // They need neither the settings, some of which are secret, nor the process's arguments.
      env: {},
      execArgv: [],
    });
  }

  run(owner: string, task: Task): Promise<TaskResult<Result>> {
    return this.queue.run(owner, () => this.#threads.run(task));
  }

  end(): Promise<void> {
    return this.#threads.destroy();
  }
}

/**
 * bcrypt, a few runs at a time. A run occupies a thread and a core for a long time, so both running and waiting runs are
 * bounded, and owners take turns ({@link FairQueue}). Hashing and comparing have a pool each, so that creating many keys
 * does not delay the first use of others. Its threads have a low priority: requests go first.
 *
 * Only the 32-character secret of a key is hashed, never the whole key: bcrypt ignores everything after 72 bytes.
 */
export class SecretHasher implements OnApplicationShutdown {
  readonly #cost: number;
  readonly #pools: {
    readonly hash: BcryptPool<ToHash, string>;
    readonly compare: BcryptPool<ToCompare, boolean>;
  };
  readonly capacity: Capacity;

  constructor({ cost, concurrency, queue }: { cost: number; concurrency: number; queue: number }) {
    this.#cost = cost;
    this.capacity = { running: concurrency, waiting: queue };
    this.#pools = {
      hash: new BcryptPool('hash', this.capacity),
      compare: new BcryptPool('compare', this.capacity),
    };
  }

  /** How many comparisons have been started so far. Thanks to verdicts, it does not grow with requests. */
  get comparisons(): number {
    return this.#pools.compare.queue.started;
  }

  /** The runs of one kind. */
  stats(work: BcryptWork): BcryptPoolStats {
    return this.#pools[work].queue;
  }

  /** The bcrypt hash of a secret for a key of `owner`. */
  hash(owner: string, secret: string): Promise<TaskResult<string>> {
    return this.#pools.hash.run(owner, { secret, cost: this.#cost });
  }

  /** Whether a secret is the one that was hashed for `owner`. */
  compare(owner: string, secret: string, hash: string): Promise<TaskResult<boolean>> {
    return this.#pools.compare.run(owner, { secret, hash });
  }

  /** Ends the threads; a run in progress fails. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.#pools.hash.end(), this.#pools.compare.end()]);
  }
}
