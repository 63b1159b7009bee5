import { Screen } from './screen.js';

/** A desktop's status in the API. */
export type DesktopStatus = 'stopped' | 'booting' | 'running' | 'stopping';

const TIERS = ['free', 'pro', 'max'] as const;
export type DesktopTier = (typeof TIERS)[number];

/** A desktop as the API shows it. */
export interface DesktopView {
  readonly id: string;
  readonly name: string;
  readonly status: DesktopStatus;
  readonly tier: DesktopTier;
  /** Null unless it is running. */
  readonly ipAddress: string | null;
  /** Whether it can be controlled and chatted with: a little after it has booted. */
  readonly agentReady: boolean;
  readonly createdAt: string;
}

/** What never changes about a desktop. */
interface DesktopFacts {
  readonly id: string;
  readonly name: string;
  readonly tier: DesktopTier;
  readonly ipAddress: string;
  readonly createdAtMs: number;
}

const BOOT_MS = 3_000;
/** Also counted from the beginning of the boot. */
const AGENT_READY_MS = 5_000;
const STOP_MS = 2_000;

/**
 * A desktop that is simulated by the clock: its status follows from when it was last told to start or stop. There are no
 * timers, so nothing is left running, and a test sets the clock. All times are in milliseconds since 1970.
 */
export class Desktop {
  readonly screen = new Screen();
  readonly #facts: DesktopFacts;
  /** Target `on`: it boots from then on, possibly later, after it has stopped. Target `off`: it stops from then on. */
  #command: { readonly target: 'on' | 'off'; readonly fromMs: number };

  constructor(facts: DesktopFacts, atFirst: 'running' | 'stopped') {
    this.#facts = facts;
    this.#command = { target: atFirst === 'running' ? 'on' : 'off', fromMs: -Infinity };
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

  /** How long until it can be controlled: 0 if it can, Infinity if it was not started. */
  msUntilReady(nowMs: number): number {
    const { target, fromMs } = this.#command;
    return target === 'on' ? Math.max(0, fromMs + AGENT_READY_MS - nowMs) : Infinity;
  }

  /** Boots it, once it has stopped. Does nothing if it is running. */
  start(nowMs: number): void {
    const { target, fromMs } = this.#command;
    if (target === 'off') this.#command = { target: 'on', fromMs: Math.max(nowMs, fromMs + STOP_MS) };
  }

  stop(nowMs: number): void {
    const { target, fromMs } = this.#command;
    if (target === 'off') return;
    // One that will boot again once it has stopped is already stopping.
    this.#command = { target: 'off', fromMs: fromMs > nowMs ? fromMs - STOP_MS : nowMs };
  }

  restart(nowMs: number): void {
    this.stop(nowMs);
    this.start(nowMs);
  }

  #status(nowMs: number): DesktopStatus {
    const { target, fromMs } = this.#command;
    const elapsedMs = nowMs - fromMs;
    if (target === 'off') return elapsedMs < STOP_MS ? 'stopping' : 'stopped';
    if (elapsedMs < 0) return 'stopping';
    return elapsedMs < BOOT_MS ? 'booting' : 'running';
  }
}

/** The tier of desktops for an owner of `tier`. */
export function desktopTierOf(tier: string): DesktopTier {
  return TIERS.find((known) => known === tier) ?? 'free';
}
