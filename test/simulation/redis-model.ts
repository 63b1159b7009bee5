import type { Entry, Member, Position, Renewal, RevocationLog, Target } from '#libs/revocations';
import type { Connection } from './connection.js';
import type { World } from './world.js';

/** How many entries the model keeps, and hands over at once: few, so that gateways fall behind. */
const KEPT = 4;
const AT_MOST = 3;

/** What a broken Redis, or broken scripts, would do otherwise. */
export interface RedisRules {
  readonly identity: (replicationId: string, nonce: string) => string;
  readonly acknowledgesOnlyItsOwn: boolean;
}

const REDIS_RULES: RedisRules = {
  identity: (replicationId, nonce) => `${replicationId}:${nonce}`,
  acknowledgesOnlyItsOwn: true,
};

/** What Redis holds. */
interface Data {
  nonce: string | undefined;
  last: number;
  entries: readonly Entry[];
  readonly members: Map<string, Member & { readonly renewedAt: number }>;
}

/**
 * A Redis server, and the scripts of `redis-scripts.ts` as it runs them: each whole. What it does is kept as a list of
 * effects, which a replica may have applied in part when it is promoted.
 */
export class RedisServer {
  #data: Data = { nonce: undefined, last: 0, entries: [], members: new Map() };
  #effects: ((data: Data) => void)[] = [];
  readonly #rules: RedisRules;
  readonly #replicationId: string;
  readonly #doorbells = new Map<Connection, (entry: Entry) => void>();
  /** How far this server's wall clock is off. */
  wallClockOffMs = 0;

  constructor(
    private readonly world: World,
    private readonly given: Partial<RedisRules> = {},
  ) {
    this.#rules = { ...REDIS_RULES, ...given };
    this.#replicationId = `server${world.serial()}`;
  }

  /** The replica of this server that takes over: it has the nonce and a replication id of its own, and lacks the tail. */
  promoteReplica(missing: number): RedisServer {
    const promoted = new RedisServer(this.world, this.given);
    for (const effect of this.#effects.slice(0, Math.max(this.#effects.length - missing, 0)))
      promoted.#do(effect);
    return promoted;
  }

  /** FLUSHALL: everything is gone but the server's name. */
  flush(): void {
    this.#do((data) => {
      data.nonce = undefined;
      data.last = 0;
      data.entries = [];
      data.members.clear();
    });
  }

  add(nonce: string, target: Target): { identity: string; number: number } {
    const identity = this.#identity(nonce);
    const number = this.#data.last + 1;
    const entry = { number, target };
    this.#do((data) => {
      data.last = number;
      data.entries = [...data.entries, entry].slice(-KEPT);
    });
    for (const [connection, ring] of this.#doorbells) connection.push(() => ring(entry));
    return { identity, number };
  }

  renew(nonce: string, { instance, identity: known, position }: Position): Renewal {
    const identity = this.#identity(nonce);
    const follows = identity === known;
    const renewals = (this.#data.members.get(instance)?.renewals ?? 0) + 1;
    const renewedAt = this.world.now + this.wallClockOffMs;
    this.#do((data) =>
      data.members.set(instance, { instance, renewals, acknowledged: follows ? position : -1, renewedAt }),
    );
    const { last, entries } = this.#data;
    return {
      identity,
      last,
      entries: follows ? entries.filter(({ number }) => number > position).slice(0, AT_MOST) : [],
    };
  }

  acknowledge(nonce: string, { instance, identity, position }: Position): void {
    const member = this.#data.members.get(instance);
    if (member === undefined) return;
    if (this.#rules.acknowledgesOnlyItsOwn && this.#identity(nonce) !== identity) return;
    this.#do((data) => data.members.set(instance, { ...member, acknowledged: position }));
  }

  members(nonce: string): { identity: string; members: Member[] } {
    return { identity: this.#identity(nonce), members: [...this.#data.members.values()] };
  }

  /** By its own wall clock: how long ago a member has renewed. No rule uses it. */
  ageOf(instance: string): number {
    return this.world.now + this.wallClockOffMs - (this.#data.members.get(instance)?.renewedAt ?? Infinity);
  }

  remove(instance: string, renewals: number | undefined): void {
    const member = this.#data.members.get(instance);
    if (member === undefined || (renewals !== undefined && member.renewals !== renewals)) return;
    this.#do((data) => data.members.delete(instance));
  }

  subscribe(connection: Connection, ring: (entry: Entry) => void): void {
    this.#doorbells.set(connection, ring);
  }

  unsubscribe(connection: Connection): void {
    this.#doorbells.delete(connection);
  }

  #identity(nonce: string): string {
    if (this.#data.nonce === undefined) this.#do((data) => (data.nonce = nonce));
    return this.#rules.identity(this.#replicationId, this.#data.nonce ?? nonce);
  }

  #do(effect: (data: Data) => void): void {
    effect(this.#data);
    this.#effects.push(effect);
  }
}

/** The log as one process reaches it: through a connection to one server, for commands, and one for the doorbell. */
export class SimulatedRedisLog implements RevocationLog {
  readonly identityIsCertain = false;
  readonly #listeners = new Set<(entry: Entry) => void>();
  #nonces = 0;

  constructor(
    private server: RedisServer,
    readonly commands: Connection,
    readonly doorbell: Connection,
  ) {
    this.#subscribe();
  }

  get serverNow(): RedisServer {
    return this.server;
  }

  /** From now on the process reaches another server; its connections to this one are lost. */
  reach(server: RedisServer): void {
    if (server === this.server) return;
    this.server.unsubscribe(this.doorbell);
    this.commands.lose();
    this.doorbell.lose();
    this.server = server;
    this.#subscribe();
  }

  add(target: Target): Promise<{ identity: string; number: number }> {
    return this.#run((server, nonce) => server.add(nonce, target));
  }

  renew(position: Position): Promise<Renewal> {
    return this.#run((server, nonce) => server.renew(nonce, position));
  }

  acknowledge(position: Position): Promise<void> {
    return this.#run((server, nonce) => server.acknowledge(nonce, position));
  }

  members(): Promise<{ identity: string; members: readonly Member[] }> {
    return this.#run((server, nonce) => server.members(nonce));
  }

  remove(instance: string, renewals?: number): Promise<void> {
    return this.#run((server) => server.remove(instance, renewals));
  }

  onAdded(listener: () => void): () => void {
    return this.onEntry(listener);
  }

  /** What the doorbell was rung for. The protocol does not look at it. */
  onEntry(listener: (entry: Entry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Also when the process has ended without it: its connections are lost then. */
  close(): Promise<void> {
    this.#listeners.clear();
    this.server.unsubscribe(this.doorbell);
    this.commands.lose();
    this.doorbell.lose();
    return Promise.resolve();
  }

  #subscribe(): void {
    this.server.subscribe(this.doorbell, (entry) => {
      for (const listener of this.#listeners) listener(entry);
    });
  }

  #run<T>(script: (server: RedisServer, nonce: string) => T): Promise<T> {
    const { server } = this;
    const nonce = `${this.commands.process.name}#${++this.#nonces}`;
    return this.commands.ask((reply) => reply(script(server, nonce)));
  }
}
