/** The history of a key, in milliseconds on the clock of the one observing process. */
interface Life {
  readonly issuedAt: number;
  revokeBeganAt: number;
  revokeReturnedAt: number;
}

/** A request that was answered. */
export interface Observed {
  readonly token: string;
  readonly gateway: number;
  readonly beganAt: number;
  readonly endedAt: number;
  readonly status: number;
}

/** The checker's findings. If a list is not empty, the promise is broken. */
export interface Verdict {
  /** Requests that began after their key's revoke had returned, and were accepted. */
  readonly acceptedAfterReturn: readonly string[];
  /** Requests with a valid key that were refused as invalid. */
  readonly validRefused: readonly string[];
  readonly accepted: number;
  readonly refused: number;
}

/** Records keys and requests, and checks them against each other. */
export class History {
  readonly #lives = new Map<string, Life>();
  readonly #observed: Observed[] = [];

  issued(token: string): void {
    this.#lives.set(token, {
      issuedAt: performance.now(),
      revokeBeganAt: Infinity,
      revokeReturnedAt: Infinity,
    });
  }

  revokeBegins(token: string): void {
    const life = this.#lives.get(token);
    if (life !== undefined) life.revokeBeganAt = performance.now();
  }

  revokeReturned(token: string): void {
    const life = this.#lives.get(token);
    if (life !== undefined) life.revokeReturnedAt = performance.now();
  }

  observe(observed: Observed): void {
    this.#observed.push(observed);
  }

  check(): Verdict {
    const acceptedAfterReturn: string[] = [];
    const validRefused: string[] = [];
    let [accepted, refused] = [0, 0];
    for (const { token, gateway, beganAt, endedAt, status } of this.#observed) {
      const life = this.#lives.get(token);
      if (life === undefined) continue;
      if (status === 200) accepted++;
      if (status === 401) refused++;
      if (status === 200 && beganAt > life.revokeReturnedAt) {
        const lateMs = Math.round(beganAt - life.revokeReturnedAt);
        acceptedAfterReturn.push(
          `gateway ${gateway} accepted a key ${lateMs} ms after its revoke had returned`,
        );
      }
      if (status === 401 && beganAt > life.issuedAt && endedAt < life.revokeBeganAt) {
        validRefused.push(`gateway ${gateway} refused a key that was valid`);
      }
    }
    return { acceptedAfterReturn, validRefused, accepted, refused };
  }
}
