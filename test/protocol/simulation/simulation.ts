import type { KeyId } from '#libs/key-format';
import { type Propagation, InProcessLog } from '#libs/revocations';
import { Connection, type Network } from './connection.js';
import { type Fault, drawAimedFault, drawFaults } from './faults.js';
import { Gateway, type Link } from './gateway.js';
import { History } from './history.js';
import { KEY_IDS, LAST_KEY_ID, OWNERS } from './key-ids.js';
import { KeysReplica } from './keys-replica.js';
import { type OwnerChange, drawOwnerChanges } from './owner-changes.js';
import { PostgresServer } from './postgres-model.js';
import { SimulatedProcess } from './process.js';
import { drawPauses } from './pauses.js';
import { Random } from './random.js';
import { RedisServer, SimulatedRedisLog } from './redis-model.js';
import { SimulatedLease } from './simulated-lease.js';
import { TIMEOUT_MS, TIMINGS } from './timings.js';
import type { Variant } from './variant.js';
import { World } from './world.js';

/** When the last fault ends, and how long after that everything must be well. */
const FAULTS_END_MS = 1300;
const RECOVERED_MS = 3 * TIMINGS.cacheTtlMs;

/** The share of schedules with keys and a gateway in one process, and an in-process log. */
const STANDALONE_CHANCE = 1 / 8;

/** The share of schedules with no calls except those of one fault that aims at a rule. */
const AIMED_CHANCE = 1 / 5;

const CALM: Network = { usualMs: 5, slowChance: 0, slowMs: 0 };
const ROUGH: Network = { usualMs: 5, slowChance: 0.08, slowMs: 150 };

/**
 * How long a revoke may take without faults, in messages of the longest usual delay: the commit; adding and its answer; the
 * doorbell; a renewal in progress, its acknowledgment, and both again for the new entry; the look that just missed the
 * acknowledgment and the one that did not, with a pause between them.
 */
const CALM_BOUND_MS = 17 * CALM.usualMs + TIMINGS.slowestPollMs;

/** How long after its start a publisher knows all lease holders: opening its sight, and a lease. */
const WATCHED_MS = 2 * CALM.usualMs + TIMINGS.leaseMs * TIMINGS.margin * 1.01;

/**
 * How long after its commit a revocation is in effect if its replica dies and there are no other faults: the doorbell of
 * the outbox, the grace period, the read of the outbox, and what every revocation takes.
 */
const RELAYED_BOUND_MS = TIMINGS.outboxGraceMs * 1.01 + 4 * CALM.usualMs + CALM_BOUND_MS;

/** The outcome of a schedule. */
export interface Outcome {
  readonly seed: number;
  readonly violation: string | undefined;
  readonly faults: readonly string[];
  /** How the revokes came into effect. */
  readonly ways: readonly string[];
  readonly trace: readonly string[];
}

/** Runs the schedule of `seed`, to its end or its first violation. */
export async function simulate(
  seed: number,
  { variant = {}, traced = false }: { variant?: Variant; traced?: boolean } = {},
): Promise<Outcome> {
  const simulation = new Simulation(seed, variant, traced);
  return simulation.run();
}

/** Gateways, replicas of keys, Redis and PostgreSQL, the calls to them, and their faults. */
export class Simulation {
  readonly world: World;
  readonly #seed: number;
  readonly #variant: Variant;
  readonly #random: Random;
  readonly #history: History;
  readonly #postgres: PostgresServer;
  readonly #network: { -readonly [Fact in keyof Network]: Network[Fact] };
  readonly #faults: readonly Fault[];
  /** Whether there is only one fault, which aims at a rule, and what it causes. */
  readonly #isAimed: boolean;
  /** Whether the only fault is that a replica dies while it revokes. */
  readonly #revokerDies: boolean;
  readonly #links = new Map<Gateway, Map<KeysReplica, Connection>>();
  readonly #revoking = new Set<KeyId>();
  /** The calls for a change of an owner or a pause that have not returned. */
  readonly #changing = new Set<string>();
  readonly #ways: string[] = [];
  #busyAt: number | undefined;
  readonly gateways: Gateway[] = [];
  readonly replicas: KeysReplica[] = [];
  /** The server that processes use, unless a fault changes that. */
  redis: RedisServer;

  constructor(seed: number, variant: Variant, traced: boolean) {
    this.#seed = seed;
    this.#variant = variant;
    this.#random = new Random(seed);
    this.world = new World(this.#random);
    if (traced) this.world.startTracing();
    this.#postgres = new PostgresServer(this.world);
    this.#history = new History(this.world, this.#postgres);
    this.redis = this.newRedis();
    const isStandalone = this.#random.chance(STANDALONE_CHANCE);
    this.#isAimed = !isStandalone && this.#random.chance(AIMED_CHANCE);
    this.#faults = this.#isAimed
      ? [drawAimedFault(this.#random)]
      : drawFaults(this.#random, FAULTS_END_MS, isStandalone);
    this.#network = { ...(this.#faults.length === 0 || this.#isAimed ? CALM : ROUGH) };
    this.#revokerDies = this.#faults.length === 0 && !isStandalone && this.#random.chance(0.3);
    if (isStandalone) this.startStandalone();
    else {
      const [replicas, gateways] = [this.#random.whole(1, 2), this.#random.whole(1, 3)];
      for (let i = 0; i < replicas; i++) this.startKeys();
      for (let i = 0; i < gateways; i++) this.startGateway();
    }
    for (const { id, keyIds } of OWNERS) {
      this.#postgres.insertOwner(id);
      for (const keyId of keyIds) this.#postgres.insert(keyId, id, this.#drawExpiry(keyId));
    }
  }

  async run(): Promise<Outcome> {
    const isOver = (): boolean => this.#history.violation !== undefined;
    for (const id of KEY_IDS.slice(1, -1)) {
      if (!this.#isAimed) this.#planRevoke(id);
      this.#planExpiry(id);
    }
    if (!this.#isAimed) for (const { id, keyIds } of OWNERS) this.#planOwnerChanges(id, keyIds);
    if (!this.#isAimed) for (const id of KEY_IDS.slice(1, -1)) this.#planPauses(id);
    for (const id of KEY_IDS) for (let i = 0; i < 3; i++) this.#plan(() => this.#request(id));
    if (this.#revokerDies) this.#planDeathOfRevoker(this.#random.pick(KEY_IDS.slice(1, -1)));
    for (const fault of this.#faults) {
      this.world.after(fault.at, () => {
        this.world.note(() => fault.name);
        fault.begin(this);
      });
    }
    await this.world.run(FAULTS_END_MS, isOver);
    if (!isOver()) {
      this.#healAll();
      await this.world.run(FAULTS_END_MS + RECOVERED_MS, isOver);
    }
    if (!isOver()) await this.#checkRecovered(isOver);
    const { violation } = this.#history;
    const faults = this.#faults.map(({ name }) => name);
    return { seed: this.#seed, violation, faults, ways: this.#ways, trace: this.world.trace };
  }

  startKeys(): void {
    const process = new SimulatedProcess(this.world, `keys${this.world.serial()}`);
    this.#addKeys(process, this.#logFor(process));
  }

  startGateway(host?: string): Gateway {
    const process = new SimulatedProcess(this.world, `gateway${this.world.serial()}`, host);
    return this.#addGateway(process, this.#logFor(process));
  }

  /** Ends keys and gateway in one process, and restarts them with a new log. */
  restartStandalone(): void {
    for (const replica of [...this.replicas]) this.killKeys(replica);
    for (const gateway of [...this.gateways]) this.killGateway(gateway);
    this.startStandalone();
  }

  /**
   * Keys and a gateway in one process, on a database that another such process may serve. If so, the one that is refused
   * ends, and is restarted.
   */
  startStandalone(): void {
    const process = new SimulatedProcess(this.world, `standalone${this.world.serial()}`);
    const database = this.#toPostgres(process);
    const lease = new SimulatedLease(this.#postgres, database, () => this.#endStandalone(process));
    const { believesToBeAlone } = this.#variant;
    const askWhetherAlone = (): Promise<number> =>
      believesToBeAlone === true ? Promise.resolve(-Infinity) : lease.confirm();
    const soon = (happen: () => void): void => void process.after(0, happen);
    const log = new InProcessLog({ name: process.name, soon, askWhetherAlone });
    this.#addKeys(process, log, database);
    this.#addGateway(process, log);
  }

  /** Ends the session that holds the lease on the database. */
  endLease(): void {
    this.#postgres.endLease();
  }

  #endStandalone(process: SimulatedProcess): void {
    const replica = this.replicas.find((one) => one.process === process);
    const gateway = this.gateways.find((one) => one.process === process);
    if (replica !== undefined) this.killKeys(replica);
    if (gateway !== undefined) this.killGateway(gateway);
    this.world.note(() => `${process.name} is refused the database, and ends`);
    if (this.replicas.length === 0) this.world.after(20, () => this.startStandalone());
  }

  #addKeys(process: SimulatedProcess, log: KeysReplica['log'], database = this.#toPostgres(process)): void {
    const replica = new KeysReplica({
      process,
      log,
      postgres: this.#postgres,
      database,
      timings: TIMINGS,
      variant: this.#variant,
    });
    this.replicas.push(replica);
  }

  #toPostgres(process: SimulatedProcess): Connection {
    return new Connection(process, this.#network, TIMEOUT_MS.postgres);
  }

  #addGateway(process: SimulatedProcess, log: Gateway['log']): Gateway {
    const gateway: Gateway = new Gateway({
      process,
      log,
      links: () => this.linksOf(gateway),
      history: this.#history,
      timings: TIMINGS,
      variant: this.#variant,
    });
    this.gateways.push(gateway);
    return gateway;
  }

  /** The logs in Redis of these processes, or of all. */
  logsInRedis(
    of: readonly (Gateway | KeysReplica)[] = [...this.gateways, ...this.replicas],
  ): SimulatedRedisLog[] {
    return of.map(({ log }) => log).filter((log) => log instanceof SimulatedRedisLog);
  }

  /** The gateway's connections to the current replicas, in random order. */
  linksOf(gateway: Gateway): Link[] {
    let known = this.#links.get(gateway);
    if (known === undefined) this.#links.set(gateway, (known = new Map<KeysReplica, Connection>()));
    const links = this.replicas.map((keys) => {
      let connection = known.get(keys);
      if (connection === undefined)
        known.set(keys, (connection = new Connection(gateway.process, this.#network, TIMEOUT_MS.keys)));
      return { keys, connection };
    });
    return this.#random.chance(0.5) ? links : links.reverse();
  }

  killKeys(replica: KeysReplica): void {
    this.replicas.splice(this.replicas.indexOf(replica), 1);
    replica.kill();
    for (const known of this.#links.values()) known.get(replica)?.lose();
  }

  killGateway(gateway: Gateway): void {
    this.gateways.splice(this.gateways.indexOf(gateway), 1);
    gateway.kill();
  }

  stopGateway(gateway: Gateway): void {
    this.gateways.splice(this.gateways.indexOf(gateway), 1);
    gateway.stop();
  }

  /** Revokes a key now, if one is left to revoke. `returned` is called once that has returned. */
  revokeOne(returned: () => void = () => undefined): void {
    const left = KEY_IDS.slice(1, -1).filter((id) => !this.#revoking.has(id));
    if (left.length > 0) this.#revoke(this.#random.pick(left), returned);
  }

  /** Sends requests after a process has come back, to find out what it has kept. */
  probe(): void {
    for (const id of KEY_IDS) if (this.#random.chance(0.5)) this.#request(id);
  }

  /** Requests with every key at one gateway. */
  useEveryKeyAt(gateway: Gateway): void {
    for (const id of KEY_IDS) gateway.request(id);
  }

  /** A server that nothing uses yet. */
  newRedis(): RedisServer {
    return new RedisServer(this.world, this.#variant.redis);
  }

  #logFor(process: SimulatedProcess): SimulatedRedisLog {
    const connection = (): Connection => new Connection(process, this.#network, TIMEOUT_MS.redis);
    return new SimulatedRedisLog(this.redis, connection(), connection());
  }

  #plan(happen: () => void): void {
    this.world.after(this.#random.between(0, FAULTS_END_MS), happen);
  }

  /** A revocation, with requests around it. */
  #planRevoke(id: KeyId): void {
    const at = this.#timeOfCall();
    this.#planRequests(id, at, 4);
    this.world.after(at, () => this.#revoke(id));
    if (this.#random.chance(0.3)) this.world.after(at + this.#random.between(0, 30), () => this.#revoke(id));
  }

  /** A replica dies while it revokes, and the call is not repeated: another replica, or its successor, completes it. */
  #planDeathOfRevoker(id: KeyId): void {
    this.world.after(this.#random.between(300, 600), () => {
      const replica = this.#random.pick(this.replicas);
      if (this.#history.isReturned(id)) return;
      this.#history.revokeBegins(id);
      replica.process.enterAside(() => void replica.revoke(id).catch(() => undefined));
      this.#request(id);
      this.world.after(this.#random.between(0, 4 * this.#network.usualMs), () => {
        this.killKeys(replica);
        if (this.replicas.length === 0) this.startKeys();
        else this.world.after(2 * RELAYED_BOUND_MS, () => this.startKeys());
        // Counted from here, since the successor may have to find out about it.
        if (this.#postgres.revokedAt(id) < Infinity)
          this.#history.mustBeEffectiveAt(id, this.world.now + RELAYED_BOUND_MS);
        for (let i = 1; i < 8; i++)
          this.world.after(RELAYED_BOUND_MS + this.#random.between(0, i * 50), () => this.#request(id));
      });
    });
  }

  /** Some keys expire. */
  #drawExpiry(id: KeyId): number {
    return id !== KEY_IDS[0] && id !== LAST_KEY_ID && this.#random.chance(0.15)
      ? this.#random.between(0, FAULTS_END_MS)
      : Infinity;
  }

  /** Requests before a key expires and after that, including for as long as it might be cached. */
  #planExpiry(id: KeyId): void {
    const at = this.#postgres.expiryOf(id);
    if (at === Infinity) return;
    this.#planRequests(id, at, 4);
    this.world.after(at + this.#random.between(0, TIMINGS.cacheTtlMs), () => this.#request(id));
    this.world.after(at + TIMINGS.cacheTtlMs + this.#random.between(5, 50), () => this.#request(id));
  }

  /** In some schedules, changes of an owner in quick succession, with requests with their keys around each. */
  #planOwnerChanges(ownerId: string, keyIds: readonly KeyId[]): void {
    let at = this.#timeOfCall();
    for (const change of drawOwnerChanges(this.#random)) {
      for (const id of keyIds) this.#planRequests(id, at, 2);
      this.world.after(at, () => this.#changeOwner(ownerId, keyIds, change));
      if (this.#random.chance(0.3))
        this.world.after(at + this.#random.between(0, 30), () => this.#changeOwner(ownerId, keyIds, change));
      at = Math.min(at + this.#random.between(5, 300), FAULTS_END_MS);
    }
  }

  /** In some schedules, a key is paused and resumed in quick succession, with requests around each. */
  #planPauses(id: KeyId): void {
    const pauses = drawPauses(this.#seed, KEY_IDS.indexOf(id));
    if (pauses.length === 0) return;
    let at = this.#timeOfCall();
    for (const paused of pauses) {
      this.#planRequests(id, at, 4);
      this.world.after(at, () => this.#pause(id, paused));
      if (this.#random.chance(0.3))
        this.world.after(at + this.#random.between(0, 30), () => this.#pause(id, paused));
      at = Math.min(at + this.#random.between(5, 300), FAULTS_END_MS);
    }
  }

  /** Requests around a call, which leave the key in caches and questions about it in flight. */
  #planRequests(id: KeyId, at: number, count: number): void {
    const [from, to] = this.#random.pick([
      [-60, 20],
      [0, 120],
    ] as const);
    for (let i = 0; i < count; i++)
      this.world.after(at + this.#random.between(from, to), () => this.#request(id));
  }

  /** A random time, or soon after the beginning of a fault, or close to other calls, where the races are. */
  #timeOfCall(): number {
    const anyTime = this.#random.between(20, FAULTS_END_MS - 20);
    const near = this.#random.pick(['fault', 'fault', 'calls', 'calls', 'nothing']);
    if (near === 'fault' && this.#faults.length > 0)
      return this.#random.pick(this.#faults).at + this.#random.between(5, 150);
    if (near !== 'calls') return anyTime;
    this.#busyAt ??= anyTime;
    return this.#busyAt + this.#random.between(-20, 20);
  }

  /** Calls for a revocation until one has returned. */
  #revoke(id: KeyId, returned: () => void = () => undefined): void {
    if (this.#history.isReturned(id)) return;
    this.#history.revokeBegins(id);
    this.#revoking.add(id);
    const beganAt = this.world.now;
    this.#callKeys(
      (replica) => replica.revoke(id),
      () => this.#history.isReturned(id),
      (effect) => {
        this.#history.revokeReturns(id, effect.how);
        returned();
        this.#callReturned(`the revoke of ${id}`, beganAt, effect);
        for (const gateway of this.gateways) this.#requestOften(gateway, id, 3);
      },
    );
  }

  /** Calls for a change of an owner until one has returned. There may be concurrent calls for the same. */
  #changeOwner(ownerId: string, keyIds: readonly KeyId[], change: OwnerChange): void {
    const call = `call ${this.world.serial()}, that ${ownerId} be ${JSON.stringify(change)},`;
    this.#changing.add(call);
    this.world.note(() => `${call} begins`);
    const beganAt = this.world.now;
    this.#callKeys(
      (replica) => replica.changeOwner(ownerId, change),
      () => !this.#changing.has(call),
      ({ state, effect }) => {
        this.#changing.delete(call);
        this.#history.ownerChangeReturns(ownerId, state);
        this.world.note(() => `${call} returns: ${effect.how}`);
        this.#callReturned(call, beganAt, effect);
        for (const gateway of this.gateways) for (const id of keyIds) this.#requestOften(gateway, id, 0);
      },
    );
  }

  /** Calls for a pause, or its end, until a call has returned. There may be concurrent calls for the same. */
  #pause(id: KeyId, paused: boolean): void {
    const call = `call ${this.world.serial()}, that ${id} be ${paused ? 'paused' : 'resumed'},`;
    this.#changing.add(call);
    this.world.note(() => `${call} begins`);
    const beganAt = this.world.now;
    this.#callKeys(
      (replica) => replica.pause(id, paused),
      () => !this.#changing.has(call),
      ({ state, effect }) => {
        this.#changing.delete(call);
        this.#history.pauseReturns(id, state);
        this.world.note(() => `${call} returns: ${effect.how}`);
        this.#callReturned(call, beganAt, effect);
        for (const gateway of this.gateways) this.#requestOften(gateway, id, 1);
      },
    );
  }

  /** Calls a replica; if that fails, or the replica dies, calls again. */
  #callKeys<T>(
    call: (replica: KeysReplica) => Promise<T>,
    isReturned: () => boolean,
    returned: (value: T) => void,
  ): void {
    if (isReturned()) return;
    const again = (): void => this.#callKeys(call, isReturned, returned);
    if (this.replicas.length === 0) {
      this.world.after(50, again); // all of them are down
      return;
    }
    const replica = this.#random.pick(this.replicas);
    replica.process.enterAside(() => {
      void call(replica).then(returned, () => this.world.after(20, again));
    });
    const askAgainOnceDead = (): void => {
      if (replica.process.isDead) again();
      else if (!isReturned()) this.world.after(50, askAgainOnceDead);
    };
    askAgainOnceDead();
  }

  #callReturned(what: string, beganAt: number, { how }: Propagation): void {
    const tookMs = this.world.now - beganAt;
    // A publisher that has just begun to watch does not know all lease holders yet.
    const waitMs = Math.max(0, WATCHED_MS - beganAt);
    // With many entries, its own may be trimmed, since the log keeps few here: then it starts again; after a wait, once more.
    const boundMs = 2 * CALM_BOUND_MS + (waitMs > 0 ? waitMs + CALM_BOUND_MS : 0);
    if (this.#faults.length === 0 && !this.#revokerDies && tookMs > boundMs)
      this.#history.violated(`without a fault, ${what} has taken ${tookMs} ms (${how})`);
    this.#ways.push(how);
  }

  /** Now, and `more` times while what is cached now would still count. */
  #requestOften(gateway: Gateway, id: KeyId, more: number): void {
    gateway.request(id);
    gateway.request(id);
    for (let i = 0; i < more; i++)
      this.world.after(this.#random.between(0, TIMINGS.cacheTtlMs), () => gateway.request(id));
  }

  #request(id: KeyId): void {
    for (const gateway of this.gateways) {
      if (this.#random.chance(0.7)) gateway.request(id);
      if (this.#random.chance(0.3)) gateway.request(id);
    }
  }

  #healAll(): void {
    this.world.note(() => 'all faults end');
    Object.assign(this.#network, CALM);
    for (const { process } of [...this.replicas, ...this.gateways]) process.resume();
    for (const log of this.logsInRedis()) {
      log.reach(this.redis);
      log.commands.mend();
      log.doorbell.mend();
    }
    for (const { database } of this.replicas) database.mend();
    for (const gateway of this.gateways)
      for (const { connection } of this.linksOf(gateway)) connection.mend();
  }

  /** Checks that every revocation is in effect and has returned, and that every other key is accepted. */
  async #checkRecovered(isOver: () => boolean): Promise<void> {
    for (const id of this.#revoking) {
      if (!this.#history.isReturned(id)) this.#history.violated(`the revoke of ${id} has not returned`);
    }
    for (const call of this.#changing) this.#history.violated(`${call} has not returned`);
    for (const gateway of this.gateways) for (const id of KEY_IDS) gateway.request(id);
    await this.world.run(this.world.now + 2 * TIMEOUT_MS.keys, isOver);
    this.#revoke(LAST_KEY_ID);
    await this.world.run(this.world.now + CALM_BOUND_MS, isOver);
    if (isOver()) return;
    if (this.#ways.at(-1) !== 'acknowledged' || !this.#history.isReturned(LAST_KEY_ID))
      this.#history.violated(
        `with all faults over, the revoke of ${LAST_KEY_ID} was not acknowledged at once`,
      );
  }
}
