import type {
  Entry,
  Look,
  LookRequest,
  Mark,
  Member,
  Position,
  Renewal,
  RenewalRequest,
  RevocationLog,
  Invalidation,
} from '#libs/revocations';
import type { Connection } from './connection.js';
import { TIMINGS } from './timings.js';
import type { World } from './world.js';

/** How many entries the model keeps, and returns at once: few, so that gateways fall behind. */
const MAX_ENTRIES = 4;
const MAX_ENTRIES_PER_RENEWAL = 3;

/** Rules of the scripts, which mutants change. */
export interface RedisRules {
  readonly identity: (replicationId: string, runId: string, nonce: string) => string;
  readonly refusesReplicas: boolean;
  /** Whether a renewal, an acknowledgment, and a renewal's acknowledgment are checked by tokens. */
  readonly renewalHasToken: boolean;
  readonly acknowledgmentHasToken: boolean;
  readonly impliedAcknowledgmentHasToken: boolean;
  readonly looksForOwnEntry: boolean;
  readonly looksForMark: boolean;
  readonly countsMembers: boolean;
  /** Whether the stream counts only with the newest entry on top. */
  readonly checksTop: boolean;
  /** Whether the beat is the gateway's own count; otherwise Redis counts from 1. */
  readonly takesBeat: boolean;
  /** Whether the number of the newest entry is lost with the rest of the state; otherwise it is a separate key. */
  readonly keepsLastInState: boolean;
}

const REDIS_RULES: RedisRules = {
  identity: (replicationId, runId, nonce) => `${replicationId}:${runId}:${nonce}`,
  refusesReplicas: true,
  renewalHasToken: true,
  acknowledgmentHasToken: true,
  impliedAcknowledgmentHasToken: true,
  looksForOwnEntry: true,
  looksForMark: true,
  countsMembers: true,
  checksTop: true,
  takesBeat: true,
  keepsLastInState: true,
};

interface StoredMember extends Member {
  readonly renewedAt: number;
}

/** The hash. Any field may be missing. */
interface State {
  readonly nonce: string | undefined;
  readonly last: number | undefined;
  readonly token: string | undefined;
  readonly count: number | undefined;
  readonly members: ReadonlyMap<string, StoredMember>;
  readonly marks: ReadonlyMap<string, { readonly sight: string; readonly look: number }>;
}

export interface StoredEntry extends Entry {
  readonly token: string;
}

/** Who hears what is published. */
interface Doorbells {
  readonly added: (entry: StoredEntry) => void;
  readonly acknowledged: (number: number) => void;
}

/** What Redis holds, at one moment. Never changed: what comes next is another one. */
interface Memory {
  readonly at: number;
  readonly state: State | undefined;
  readonly stream: readonly StoredEntry[];
}

const NOTHING: Memory = { at: -Infinity, state: undefined, stream: [] };

/** A state as every script has it after the prologue. */
type Whole = { readonly [Field in keyof State]: Exclude<State[Field], undefined> };

/** A field that can be removed from the hash. */
export type StateField = 'nonce' | 'last' | 'token' | 'count' | 'member' | 'mark';

/**
 * A Redis server, and the scripts of `redis-scripts.ts`, each atomic. It keeps the whole history of its memory, so that a
 * replica can lack the newest part of it, and the memory itself can go back.
 */
export class RedisServer {
  readonly #past: Memory[] = [];
  readonly #rules: RedisRules;
  readonly #runId: string;
  #replicationId: string;
  #isReplica = false;
  readonly #doorbells = new Map<Connection, Doorbells>();
  /** How far this server's wall clock is off. */
  wallClockOffMs = 0;

  constructor(
    private readonly world: World,
    private readonly given: Partial<RedisRules> = {},
  ) {
    this.#rules = { ...REDIS_RULES, ...given };
    this.#runId = `run${world.serial()}`;
    this.#replicationId = `server${world.serial()}`;
  }

  /** The replica of this server that takes over: with IDs of its own, and without the newest part of this one's memory. */
  promoteReplica(missing: number): RedisServer {
    const promoted = new RedisServer(this.world, this.given);
    promoted.#past.push(...this.#past.slice(0, Math.max(this.#past.length - missing, 0)));
    return promoted;
  }

  /** A writable replica of this server's current state: writes to it stay there, and it gets nothing more from this server. */
  writableReplica(): RedisServer {
    const replica = this.promoteReplica(0);
    replica.#replicationId = this.#replicationId;
    replica.#isReplica = true;
    return replica;
  }

  /** Makes a replica a primary: it gets another replication ID. */
  promote(): void {
    this.#replicationId = `server${this.world.serial()}`;
    this.#isReplica = false;
  }

  /** FLUSHALL: everything is lost except the server's name. */
  flush(): void {
    this.#hold({ state: undefined, stream: [] });
  }

  loseState(): void {
    this.#hold({ state: undefined });
  }

  loseStream(): void {
    this.#hold({ stream: [] });
  }

  trimStream(toLength: number): void {
    const { stream } = this.#memory;
    this.#hold({ stream: toLength === 0 ? [] : stream.slice(-toLength) });
  }

  /** HDEL of one field; for gateways and marks, of a random one. */
  loseField(field: StateField): void {
    const { state } = this.#memory;
    if (state === undefined) return;
    const { random } = this.world;
    const without = <T>(all: ReadonlyMap<string, T>): ReadonlyMap<string, T> => {
      const lost = all.size === 0 ? undefined : random.pick([...all.keys()]);
      return new Map([...all].filter(([name]) => name !== lost));
    };
    if (field === 'member') this.#hold({ state: { ...state, members: without(state.members) } });
    else if (field === 'mark') this.#hold({ state: { ...state, marks: without(state.marks) } });
    else this.#hold({ state: { ...state, [field]: undefined } });
  }

  /**
   * Restores the memory, or one of its two keys, to what it was `byMs` ago; what came since is lost forever. The state goes
   * back by more than a sight, or marks could not reveal it: that is an assumption of docs/decisions/0004.
   */
  goBack(byMs: number, what: 'all' | 'state' | 'stream'): void {
    const now = this.#memory;
    const to = this.world.now - (what === 'stream' ? byMs : Math.max(byMs, TIMINGS.sightMs * 1.01));
    const index = this.#past.findLastIndex(({ at }) => at <= to);
    const before = this.#past[index] ?? NOTHING;
    this.#past.length = index + 1;
    this.#hold({
      state: what === 'stream' ? now.state : before.state,
      stream: what === 'state' ? now.stream : before.stream,
    });
  }

  add(nonce: string, token: string, target: Invalidation): { identity: string } & Position {
    const state = this.#begin(nonce);
    const number = state.last + 1;
    const entry = { number, target, token };
    if (this.#isStreamGood(state) && (this.#memory.stream.at(-1)?.number ?? 0) >= number) throw XADD_REFUSED;
    const kept = this.#isStreamGood(state) ? this.#memory.stream : [];
    this.#hold({
      state: { ...state, last: number, token },
      stream: [...kept, entry].slice(-MAX_ENTRIES),
    });
    for (const [connection, { added }] of this.#doorbells) connection.push(() => added(entry));
    return { identity: this.#identity(state), number, token };
  }

  renew(nonce: string, { instance, beat, identity, position }: RenewalRequest): Renewal {
    const state = this.#begin(nonce);
    const rules = this.#rules;
    const isThisLog = this.#identity(state) === identity;
    const isKnown = isThisLog && this.#has(state, position, rules.renewalHasToken);
    const isAcknowledged =
      isThisLog && this.#has(state, position, rules.renewalHasToken && rules.impliedAcknowledgmentHasToken);
    const before = state.members.get(instance);
    const member = {
      instance,
      beat: rules.takesBeat ? Math.max(beat, before?.beat ?? 0) : (before?.beat ?? 0) + 1,
      acknowledged: isAcknowledged ? position.number : -1,
      renewedAt: this.world.now + this.wallClockOffMs,
    };
    const count = before === undefined ? state.count + 1 : state.count;
    this.#hold({ state: { ...state, count, members: new Map(state.members).set(instance, member) } });
    const entries = this.#memory.stream.filter(({ number }) => number > position.number);
    return {
      identity: this.#identity(state),
      isKnown,
      last: { number: state.last, token: state.token },
      entries: isKnown && position.number < state.last ? entries.slice(0, MAX_ENTRIES_PER_RENEWAL) : [],
    };
  }

  acknowledge(nonce: string, instance: string, position: Position): void {
    const state = this.#begin(nonce);
    const member = state.members.get(instance);
    const { number } = position;
    if (member === undefined || member.acknowledged >= number) return;
    if (!this.#has(state, position, this.#rules.acknowledgmentHasToken)) return;
    const members = new Map(state.members).set(instance, { ...member, acknowledged: number });
    this.#hold({ state: { ...state, members } });
    if ([...members.values()].some(({ acknowledged }) => acknowledged < number)) return;
    for (const [connection, { acknowledged }] of this.#doorbells) connection.push(() => acknowledged(number));
  }

  look(nonce: string, { publisher, sight, look, reference, own }: LookRequest): Look {
    let state = this.#begin(nonce);
    if (this.#rules.countsMembers && state.members.size !== state.count) state = this.#startNewLog(nonce);
    const mark = state.marks.get(publisher);
    const isSame = mark?.sight === sight && reference !== null && mark.look >= reference;
    const isIntact = reference !== null && (isSame || !this.#rules.looksForMark);
    if (isIntact || reference === null) {
      const marked = { sight, look: isSame ? Math.max(look, mark.look) : look };
      this.#hold({ state: { ...state, marks: new Map(state.marks).set(publisher, marked) } });
    }
    return {
      identity: this.#identity(state),
      members: [...state.members.values()],
      isIntact,
      holdsOwn: own !== undefined && (!this.#rules.looksForOwnEntry || this.#has(state, own, true)),
      marks: [...state.marks].map(([name, { sight, look }]) => ({
        publisher: name,
        mark: `${sight} ${look}`,
      })),
    };
  }

  members(nonce: string): Member[] {
    return [...this.#begin(nonce).members.values()];
  }

  /** How long ago a member has renewed, by this server's wall clock. No rule uses it. */
  ageOf(instance: string): number {
    const renewedAt = this.#memory.state?.members.get(instance)?.renewedAt;
    return this.world.now + this.wallClockOffMs - (renewedAt ?? Infinity);
  }

  remove(nonce: string, instance: string, beat: number | undefined): void {
    const state = this.#begin(nonce);
    const member = state.members.get(instance);
    if (member === undefined || (beat !== undefined && member.beat !== beat)) return;
    const members = new Map(state.members);
    members.delete(instance);
    this.#hold({ state: { ...state, count: state.count - 1, members } });
  }

  removeMark(nonce: string, { publisher, mark }: Mark): void {
    const state = this.#begin(nonce);
    const found = state.marks.get(publisher);
    if (found === undefined || `${found.sight} ${found.look}` !== mark) return;
    const marks = new Map(state.marks);
    marks.delete(publisher);
    this.#hold({ state: { ...state, marks } });
  }

  subscribe(connection: Connection, doorbells: Doorbells): void {
    this.#doorbells.set(connection, doorbells);
  }

  unsubscribe(connection: Connection): void {
    this.#doorbells.delete(connection);
  }

  /** Whether it runs scripts. */
  get takesScripts(): boolean {
    return !this.#isReplica || !this.#rules.refusesReplicas;
  }

  get #memory(): Memory {
    return this.#past.at(-1) ?? NOTHING;
  }

  #hold(changed: Partial<Omit<Memory, 'at'>>): void {
    this.#past.push({ ...this.#memory, ...changed, at: this.world.now });
  }

  /** The prologue of every script. */
  #begin(nonce: string): Whole {
    const { state } = this.#memory;
    return state !== undefined && isWhole(state) ? state : this.#startNewLog(nonce);
  }

  #startNewLog(nonce: string): Whole {
    const before = this.#memory.state;
    const state: Whole = this.#rules.keepsLastInState
      ? { nonce, last: 0, token: nonce, count: 0, members: new Map(), marks: new Map() }
      : {
          ...EMPTY,
          ...before,
          nonce: before?.nonce ?? nonce,
          last: 0,
          token: nonce,
          count: before?.count ?? 0,
        };
    this.#hold({ state, stream: [] });
    return state;
  }

  #identity({ nonce }: Whole): string {
    return this.#rules.identity(this.#replicationId, this.#runId, nonce);
  }

  #isStreamGood({ last, token }: Whole): boolean {
    const top = this.#memory.stream.at(-1);
    if (!this.#rules.checksTop) return true;
    return top?.number === last && top.token === token;
  }

  #has(state: Whole, { number, token }: Position, asksToken: boolean): boolean {
    if (!asksToken) return number <= state.last;
    if (number === state.last) return token === state.token;
    if (number > state.last || !this.#isStreamGood(state)) return false;
    if (number === 0) return token === state.nonce;
    return this.#memory.stream.find((entry) => entry.number === number)?.token === token;
  }
}

const EMPTY = { members: new Map<string, StoredMember>(), marks: new Map() };

function isWhole(state: State): state is Whole {
  const { nonce, last, token, count } = state;
  return nonce !== undefined && last !== undefined && token !== undefined && count !== undefined;
}

/** Created once, since a stack trace for each would take time. */
const XADD_REFUSED = new Error('the id of the entry is not above the one on top');
const IS_REPLICA = new Error('READONLY');

/** The log as one process reaches it: through a connection to one server, for commands, and one for the doorbells. */
export class SimulatedRedisLog implements RevocationLog {
  readonly #onEntry = new Set<(entry: StoredEntry) => void>();
  readonly #onAcknowledged = new Set<(number: number) => void>();
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

  /** From now on the process uses another server; its connections to this one are lost. */
  reach(server: RedisServer): void {
    if (server === this.server) return;
    this.server.unsubscribe(this.doorbell);
    this.commands.lose();
    this.doorbell.lose();
    this.server = server;
    this.#subscribe();
  }

  add(target: Invalidation): Promise<{ identity: string } & Position> {
    const token = this.#newNonce();
    return this.#run('add', (server, nonce) => server.add(nonce, token, target));
  }

  renew(request: RenewalRequest): Promise<Renewal> {
    return this.#run('renew', (server, nonce) => server.renew(nonce, request));
  }

  acknowledge(instance: string, position: Position): Promise<void> {
    return this.#run('acknowledge', (server, nonce) => server.acknowledge(nonce, instance, position));
  }

  look(request: LookRequest): Promise<Look> {
    return this.#run('look', (server, nonce) => server.look(nonce, request));
  }

  members(): Promise<readonly Member[]> {
    return this.#run('members', (server, nonce) => server.members(nonce));
  }

  remove(instance: string, beat?: number): Promise<void> {
    return this.#run('remove', (server, nonce) => server.remove(nonce, instance, beat));
  }

  removeMark(mark: Mark): Promise<void> {
    return this.#run('removeMark', (server, nonce) => server.removeMark(nonce, mark));
  }

  onAdded(listener: () => void): () => void {
    return this.onEntry(listener);
  }

  /** The entry that the doorbell was rung for. The protocol does not use it. */
  onEntry(listener: (entry: StoredEntry) => void): () => void {
    this.#onEntry.add(listener);
    return () => this.#onEntry.delete(listener);
  }

  onAcknowledged(listener: (number: number) => void): () => void {
    this.#onAcknowledged.add(listener);
    return () => this.#onAcknowledged.delete(listener);
  }

  /** Also called if the process has ended without it, which loses its connections. */
  close(): Promise<void> {
    this.#onEntry.clear();
    this.#onAcknowledged.clear();
    this.server.unsubscribe(this.doorbell);
    this.commands.lose();
    this.doorbell.lose();
    return Promise.resolve();
  }

  #subscribe(): void {
    this.server.subscribe(this.doorbell, {
      added: (entry) => {
        for (const listener of this.#onEntry) listener(entry);
      },
      acknowledged: (number) => {
        for (const listener of this.#onAcknowledged) listener(number);
      },
    });
  }

  #newNonce(): string {
    return `${this.commands.process.name}#${++this.#nonces}`;
  }

  async #run<T>(name: string, script: (server: RedisServer, nonce: string) => T): Promise<T> {
    const { server } = this;
    const nonce = this.#newNonce();
    const { process } = this.commands;
    const answer = await this.commands.ask<Ran<T>>((reply) => {
      const found = run(server, (running) => script(running, nonce));
      process.world.note(() => `${process.name}: ${name} ${JSON.stringify(found)}`);
      reply(found);
    });
    if ('error' in answer) throw answer.error;
    return answer.value;
  }
}

type Ran<T> = { readonly value: T } | { readonly error: unknown };

function run<T>(server: RedisServer, script: (server: RedisServer) => T): Ran<T> {
  if (!server.takesScripts) return { error: IS_REPLICA };
  try {
    return { value: script(server) };
  } catch (error) {
    return { error };
  }
}
