import type { KeyId } from '#libs/key-format';
import type { Refusal } from '#libs/keys-contract';
import type { Authentication } from '../../../libs/key-guard/src/authentication/authentication.js';
import { ownerIdOf } from './key-ids.js';
import type { OwnerFacts, PostgresServer } from './postgres-model.js';
import type { SimulatedProcess } from './process.js';
import type { World } from './world.js';

/** What has become of a key's revocation, as its caller sees it. */
interface Course {
  began: boolean;
  returned: boolean;
  /** When it must be in effect, whether its caller hears of it or not. */
  due: number;
}

/** A request at a gateway, from when it was sent. */
export interface SentRequest {
  readonly keyId: KeyId;
  readonly gateway: SimulatedProcess;
  readonly sentAt: number;
  /** Why it must not be accepted, if so. */
  readonly mustBeRefused: string | undefined;
  /** The oldest state of the key's owner that it may be answered from: whatever led to it has returned. */
  readonly ownerState: number;
}

/** What callers see, and the promises that are kept towards them, checked with each answer. */
export class History {
  readonly #courses = new Map<KeyId, Course>();
  /** For each owner, the newest of their states that a call has returned in. */
  readonly #ownerStates = new Map<string, number>();
  violation: string | undefined;

  constructor(
    private readonly world: World,
    private readonly postgres: PostgresServer,
  ) {}

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

  /** From now on, nobody is to see an owner as they were before they came to be in `state`. */
  ownerChangeReturns(ownerId: string, state: number): void {
    this.#ownerStates.set(ownerId, Math.max(state, this.#ownerStates.get(ownerId) ?? 0));
  }

  /** The revocation is committed; nobody may be left to answer for it. */
  mustBeEffectiveAt(keyId: KeyId, due: number): void {
    this.#courseOf(keyId).due = due;
    this.world.note(() => `revoke of ${keyId} must be in effect at ${due.toFixed(2)}`);
  }

  requestIsSent(gateway: SimulatedProcess, keyId: KeyId): SentRequest {
    const ownerState = this.#ownerStates.get(ownerIdOf(keyId)) ?? 0;
    const { returned, due } = this.#courseOf(keyId);
    const mustBeRefused = returned ? 'had returned' : this.world.now > due ? 'was committed' : undefined;
    return { gateway, sentAt: this.world.now, keyId, mustBeRefused, ownerState };
  }

  requestIsAnswered(sent: SentRequest, answer: Authentication): void {
    const { gateway, keyId } = sent;
    const { outcome } = answer;
    this.world.note(() => `${gateway.name}: ${keyId} ${outcome === 'refused' ? answer.reason : outcome}`);
    if (outcome === 'authenticated') this.#isAccepted(sent, answer.principal.owner.role);
    if (outcome === 'refused' && !this.#mayBeRefused(sent, answer.reason))
      this.violated(`${gateway.name} refused ${keyId}, which is valid, as ${answer.reason}`);
  }

  violated(what: string): void {
    this.violation ??= what;
    this.world.note(() => `VIOLATION: ${what}`);
  }

  #isAccepted(sent: SentRequest, role: string): void {
    const { gateway, keyId, mustBeRefused } = sent;
    if (mustBeRefused !== undefined)
      this.violated(
        `${gateway.name} accepted ${keyId} in a request that began after its revoke ${mustBeRefused}`,
      );
    if (sent.sentAt >= this.postgres.expiryOf(keyId))
      this.violated(`${gateway.name} accepted ${keyId} in a request that began after its end`);
    const owners = this.#ownersOf(sent);
    if (owners.every(({ suspended }) => suspended))
      this.violated(`${gateway.name} accepted ${keyId} after its owner's suspension had returned`);
    else if (!owners.some((owner) => !owner.suspended && owner.role === role))
      this.violated(
        `${gateway.name} accepted ${keyId} in the role of ${role}, which was no longer its owner’s`,
      );
  }

  #mayBeRefused(sent: SentRequest, reason: Refusal): boolean {
    switch (reason) {
      case 'revoked':
        return this.#courseOf(sent.keyId).began;
      case 'owner_suspended':
        return this.#ownersOf(sent).some(({ suspended }) => suspended);
      case 'expired':
        // By the clock of PostgreSQL, whatever those of gateways and keys say.
        return this.postgres.expiryOf(sent.keyId) <= this.world.now;
      case 'malformed':
      case 'mistyped':
      case 'forged':
      case 'unknown':
      case 'wrong_secret':
      case 'other':
        return false;
    }
  }

  /** The states of the key's owner that the request may have been answered from. */
  #ownersOf({ keyId, ownerState }: SentRequest): readonly OwnerFacts[] {
    return this.postgres.statesOf(ownerIdOf(keyId)).slice(ownerState);
  }

  #courseOf(keyId: KeyId): Course {
    let course = this.#courses.get(keyId);
    if (course === undefined)
      this.#courses.set(keyId, (course = { began: false, returned: false, due: Infinity }));
    return course;
  }
}
