import type { KeyId } from '#libs/key-format';
import type { Authentication } from '../../libs/key-guard/src/authenticator.js';
import type { World } from './world.js';

/** What has become of a key's revocation, as its caller sees it. */
interface Course {
  began: boolean;
  returned: boolean;
}

/** A request at a gateway, from when it was sent. */
export interface SentRequest {
  readonly keyId: KeyId;
  readonly gateway: string;
  readonly mayBeAccepted: boolean;
}

/** What callers see, and the promises that are kept towards them, checked with each answer. */
export class History {
  readonly #courses = new Map<KeyId, Course>();
  violation: string | undefined;

  constructor(private readonly world: World) {}

  revokeBegins(keyId: KeyId): void {
    this.#courseOf(keyId).began = true;
    this.world.note(() => `revoke of ${keyId} begins`);
  }

  revokeReturns(keyId: KeyId, how: string): void {
    this.#courseOf(keyId).returned = true;
    this.world.note(() => `revoke of ${keyId} returns: ${how}`);
  }

  isReturned(keyId: KeyId): boolean {
    return this.#courseOf(keyId).returned;
  }

  requestIsSent(gateway: string, keyId: KeyId): SentRequest {
    return { gateway, keyId, mayBeAccepted: !this.isReturned(keyId) };
  }

  requestIsAnswered({ gateway, keyId, mayBeAccepted }: SentRequest, answer: Authentication): void {
    const { outcome } = answer;
    this.world.note(() => `${gateway}: ${keyId} ${outcome === 'refused' ? answer.reason : outcome}`);
    if (outcome === 'authenticated' && !mayBeAccepted)
      this.violated(`${gateway} accepted ${keyId} in a request that began after its revoke had returned`);
    if (outcome === 'refused' && !(answer.reason === 'revoked' && this.#courseOf(keyId).began))
      this.violated(`${gateway} refused ${keyId}, which is valid, as ${answer.reason}`);
  }

  violated(what: string): void {
    this.violation ??= what;
    this.world.note(() => `VIOLATION: ${what}`);
  }

  #courseOf(keyId: KeyId): Course {
    let course = this.#courses.get(keyId);
    if (course === undefined) this.#courses.set(keyId, (course = { began: false, returned: false }));
    return course;
  }
}
