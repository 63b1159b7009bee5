import type { KeyId } from '#libs/key-format';

/**
 * Where verdicts are kept beyond this process, so that bcrypt need not run again after a restart or at each replica. It
 * may lose them at any time: that costs one comparison each.
 */
export interface VerdictStore {
  /** When it was last reached, on the clock of this process: what was kept before may be lost. */
  readonly reachedAt: number;

  /** What is kept for a key; undefined if nothing is, or soon if the store does not answer. Never rejects. */
  find(id: KeyId): Promise<string | undefined>;

  /** Keeps a verdict for {@link VERDICT_TTL_SECONDS}, replacing the one before. Does not wait, and never throws. */
  keep(id: KeyId, verdict: string): void;
}

/** How long a verdict is kept after it was last stored: a day. */
export const VERDICT_TTL_SECONDS = 24 * 60 * 60;

/** For a process without Redis: verdicts live as long as it does. */
export const noVerdictStore: VerdictStore = {
  reachedAt: -Infinity,
  find: () => Promise.resolve(undefined),
  keep: () => undefined,
};
