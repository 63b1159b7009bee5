import type { KeyId } from '#libs/key-format';

/**
 * Where verdicts are kept beyond this process, so that bcrypt is paid neither per restart nor per replica. It may
 * lose them at any time: the price is one comparison each.
 */
export interface VerdictStore {
  /** When it was reached last, on the clock of this process: what was kept before may be gone. */
  readonly reachedAt: number;

  /** What is kept for a key; undefined when there is nothing, or soon when nobody answers. Never rejects. */
  find(id: KeyId): Promise<string | undefined>;

  /** Keeps a verdict for {@link VERDICT_TTL_SECONDS}, in place of the one before. Waits for nothing, never throws. */
  keep(id: KeyId, verdict: string): void;
}

/** How long a verdict is kept after it was kept last: a day. */
export const VERDICT_TTL_SECONDS = 24 * 60 * 60;

/** For a process on its own, without Redis: verdicts live as long as it does. */
export const noVerdictStore: VerdictStore = {
  reachedAt: -Infinity,
  find: () => Promise.resolve(undefined),
  keep: () => undefined,
};
