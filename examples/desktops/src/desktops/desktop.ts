import { Screen } from './screen.js';

/** What a desktop is doing, as the API shows it. */
export type DesktopStatus = 'stopped' | 'booting' | 'running' | 'stopping';

const TIERS = ['free', 'pro', 'max'] as const;
export type DesktopTier = (typeof TIERS)[number];

/** A desktop as the API shows it. */
export interface DesktopView {
  readonly id: string;
  readonly name: string;
  readonly status: DesktopStatus;
  readonly tier: DesktopTier;
  /** Null unless it runs. */
  readonly ipAddress: string | null;
  /** Whether it can be controlled and chatted with: a little after it runs. */
  readonly agentReady: boolean;
  readonly createdAt: string;
}

/** What of a desktop never changes. */
interface DesktopFacts {
  readonly id: string;
  readonly name: string;
  readonly tier: DesktopTier;
  readonly ipAddress: string;
  readonly createdAtMs: number;
}

const BOOT_MS = 3_000;
/** From the beginning of the boot, too. */
const AGENT_READY_MS = 5_000;
const STOP_MS = 2_000;

/**
 * A desktop that lives by the clock alone: what it does follows from when it was last told what. No timer runs, so
 * nothing is left behind, and a test sets the clock. All times are in milliseconds since 1970.
 */
export class Desktop {
  readonly screen = new Screen();
  readonly #facts: DesktopFacts;
  /** On: boots from then on, which may be later, when it has stopped. Off: stops from then on. */
  #told: { readonly to: 'be on' | 'be off'; readonly fromMs: number };

  constructor(facts: DesktopFacts, atFirst: 'running' | 'stopped') {
    this.#facts = facts;
    this.#told = { to: atFirst === 'running' ? 'be on' : 'be off', fromMs: -Infinity };
  }

  get id(): string {
    return this.#facts.id;
  }

  get name(): string {
    return this.#facts.name;
  }

  view(nowMs: number): DesktopView {
    const { id, name, tier, ipAddress, createdAtMs } = this.#facts;
    const status = this.#status(nowMs);
    return {
      id,
      name,
      status,
      tier,
      ipAddress: status === 'running' ? ipAddress : null,
      agentReady: this.msUntilReady(nowMs) === 0,
      createdAt: new Date(createdAtMs).toISOString(),
    };
  }

  /** How long until it can be controlled: 0 when it can, Infinity when nobody has started it. */
  msUntilReady(nowMs: number): number {
    const { to, fromMs } = this.#told;
    return to === 'be on' ? Math.max(0, fromMs + AGENT_READY_MS - nowMs) : Infinity;
  }

  /** Boots it, once it has stopped. One that runs goes on. */
  start(nowMs: number): void {
    const { to, fromMs } = this.#told;
    if (to === 'be off') this.#told = { to: 'be on', fromMs: Math.max(nowMs, fromMs + STOP_MS) };
  }

  stop(nowMs: number): void {
    const { to, fromMs } = this.#told;
    if (to === 'be off') return;
    // One that waits for its end to boot again is ending already.
    this.#told = { to: 'be off', fromMs: fromMs > nowMs ? fromMs - STOP_MS : nowMs };
  }

  restart(nowMs: number): void {
    this.stop(nowMs);
    this.start(nowMs);
  }

  #status(nowMs: number): DesktopStatus {
    const { to, fromMs } = this.#told;
    const elapsedMs = nowMs - fromMs;
    if (to === 'be off') return elapsedMs < STOP_MS ? 'stopping' : 'stopped';
    if (elapsedMs < 0) return 'stopping';
    return elapsedMs < BOOT_MS ? 'booting' : 'running';
  }
}

/** The tier of desktop that an owner of `tier` has. */
export function desktopTierOf(tier: string): DesktopTier {
  return TIERS.find((known) => known === tier) ?? 'free';
}
