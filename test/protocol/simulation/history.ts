import type { KeyId } from '#libs/key-format';
import type { Refusal } from '#libs/keys-contract';
import type { Authentication } from '../../../libs/key-verifier/src/authentication/authentication.js';
import { ownerIdOf } from './key-ids.js';
import type { OwnerFacts, PostgresServer } from './postgres-model.js';
import type { SimulatedProcess } from './process.js';
import type { World } from './world.js';

/** The state of a key's revocation, as its caller sees it. */
interface RevocationState {
  began: boolean;
  returned: boolean;
  /** When it must be in effect, whether its caller learns of it or not. */
  due: number;
}

/** A request at a gateway, from when it was sent. */
export interface SentRequest {
  readonly keyId: KeyId;
  readonly gateway: SimulatedProcess;
  readonly sentAt: number;
  /** Why it must not be accepted, if so. */
  readonly mustBeRefused: string | undefined;
  /** The oldest state of the key's owner that the answer may be based on: the change that led to it has returned. */
  readonly ownerState: number;
  /** The same of the key's pauses. */
  readonly pauseState: number;
}

/** What callers see, and the promises made to them, checked with each answer. */
export class History {
  readonly #revocations = new Map<KeyId, RevocationState>();
  /** The newest state of each owner that a returned call has led to. */
  readonly #ownerStates = new Map<string, number>();
  /** The newest state of each key's pauses that a returned call has led to. */
  readonly #pauseStates = new Map<KeyId, number>();
  violation: string | undefined;

  constructor(
    private readonly world: World,
    private readonly postgres: PostgresServer,
  ) {}

  revokeBegins(keyId: KeyId): void {
    this.#revocationOf(keyId).began = true;
    this.world.note(() => `revoke of ${keyId} begins`);
  }

  revokeReturns(keyId: KeyId, how: string): void {
    this.#revocationOf(keyId).returned = true;
    this.world.note(() => `revoke of ${keyId} returns: ${how}`);
  }

  isReturned(keyId: KeyId): boolean {
    return this.#revocationOf(keyId).returned;
  }

  /** From now on, no answer may be based on an owner's state before `state`. */
  ownerChangeReturns(ownerId: string, state: number): void {
    this.#ownerStates.set(ownerId, Math.max(state, this.#ownerStates.get(ownerId) ?? 0));
  }

  /** From now on, no answer may be based on a state of the key's pauses before `state`. */
  pauseReturns(keyId: KeyId, state: number): void {
    this.#pauseStates.set(keyId, Math.max(state, this.#pauseStates.get(keyId) ?? 0));
  }

  /** The revocation is committed, and must be in effect by then even if nobody waits for it. */
  mustBeEffectiveAt(keyId: KeyId, due: number): void {
    this.#revocationOf(keyId).due = due;
    this.world.note(() => `revoke of ${keyId} must be in effect at ${due.toFixed(2)}`);
  }

  requestIsSent(gateway: SimulatedProcess, keyId: KeyId): SentRequest {
    const ownerState = this.#ownerStates.get(ownerIdOf(keyId)) ?? 0;
    const pauseState = this.#pauseStates.get(keyId) ?? 0;
    const { returned, due } = this.#revocationOf(keyId);
    const mustBeRefused = returned ? 'had returned' : this.world.now > due ? 'was committed' : undefined;
    return { gateway, sentAt: this.world.now, keyId, mustBeRefused, ownerState, pauseState };
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
    if (this.#pausesOf(sent).every(({ paused }) => paused))
      this.violated(`${gateway.name} accepted ${keyId} after its pause had returned`);
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
        return this.#revocationOf(sent.keyId).began;
      case 'owner_suspended':
        return this.#ownersOf(sent).some(({ suspended }) => suspended);
      case 'paused':
        return this.#pausesOf(sent).some(({ paused }) => paused);
      case 'expired':
        // By PostgreSQL's clock, whatever those of gateways and keys say.
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

  /** The states of the key's owner that the answer may be based on. */
  #ownersOf({ keyId, ownerState }: SentRequest): readonly OwnerFacts[] {
    return this.postgres.statesOf(ownerIdOf(keyId)).slice(ownerState);
  }

  /** The states of the key's pauses that the answer may be based on. */
  #pausesOf({ keyId, pauseState }: SentRequest): readonly { readonly paused: boolean }[] {
    return this.postgres.pausesOf(keyId).slice(pauseState);
  }

  #revocationOf(keyId: KeyId): RevocationState {
    let revocation = this.#revocations.get(keyId);
    if (revocation === undefined)
      this.#revocations.set(keyId, (revocation = { began: false, returned: false, due: Infinity }));
    return revocation;
  }
}
