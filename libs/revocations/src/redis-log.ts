import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { type RedisAddress, RedisProbe, connectDoorbell, connectRedis } from '#libs/redis';
import { ACKNOWLEDGE, ADD, LOOK, MEMBERS, REMOVE, REMOVE_MARK, RENEW, keysOf } from './redis-scripts.js';
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
  Target,
} from './revocation-log.js';

/** How many entries Redis keeps, about. A gateway that lags further behind sees a gap and drops everything. */
const MAX_ENTRIES = 10_000;
/** How long after a refusal the doorbell is asked for again, in milliseconds. */
const SUBSCRIBE_AGAIN_MS = 1000;
/** How many entries one renewal hands over at most; a gateway further behind sees a gap, too. */
const MAX_ENTRIES_PER_RENEWAL = 1000;

/** Who hears of what is odd. */
interface RedisLogListeners {
  /** Hears the number of each entry of a kind or version that is not known here: everything is dropped for it. */
  readonly onUnknown?: ((number: number) => void) | undefined;
  /** Hears that an entry was added and Redis refused to ring the doorbell: its user lacks the right to the channel. */
  readonly onDoorbellRefused?: ((channel: string) => void) | undefined;
}

const flag = z.union([z.literal(0), z.literal(1)]).transform((value) => value === 1);
const addAnswer = z.tuple([z.string(), z.number(), flag]);
const streamEntry = z.tuple([z.string(), z.array(z.string())]);
const renewAnswer = z.tuple([z.string(), flag, z.number(), z.string(), z.array(streamEntry)]);
const flatPairs = z.array(z.string()).transform(pairs);
const lookAnswer = z.tuple([z.string(), flag, flag, flatPairs, flatPairs]);

/**
 * The log in Redis: a hash and a stream, under one hash tag.
 *
 * `redis` must fail fast (`enableOfflineQueue: false`, a `commandTimeout`); `doorbell` is a connection of its own,
 * because one that subscribes can do nothing else. Neither is closed by anybody but {@link close}.
 */
export class RedisLog implements RevocationLog {
  /** How the connection does, for whoever shows that. */
  readonly probe: RedisProbe;
  readonly #redis: Redis;
  readonly #doorbell: Redis;
  readonly #keys: [string, string];
  readonly #channel: string;
  readonly #listeners = new Set<() => void>();
  #hasSubscribed = false;
  #isClosed = false;
  readonly #onUnknown: (number: number) => void;
  readonly #onDoorbellRefused: (channel: string) => void;

  constructor({
    redis,
    doorbell,
    name = 'revocations',
    onUnknown = () => undefined,
    onDoorbellRefused = () => undefined,
  }: { redis: Redis; doorbell: Redis; name?: string } & RedisLogListeners) {
    this.#onUnknown = onUnknown;
    this.#onDoorbellRefused = onDoorbellRefused;
    this.#redis = redis;
    this.probe = new RedisProbe(redis);
    this.#doorbell = doorbell;
    this.#keys = keysOf(name);
    this.#channel = `{${name}}:added`;
    this.#doorbell.on('message', () => {
      for (const listener of this.#listeners) listener();
    });
  }

  /** Connects to Redis. Without it, everything works but slower. */
  static async connect({
    onUnknown,
    onDoorbellRefused,
    ...address
  }: RedisAddress & RedisLogListeners): Promise<RedisLog> {
    const [redis, doorbell] = await Promise.all([
      connectRedis(address),
      // It shares its fate with the other connection, which speaks for both.
      connectDoorbell({ ...address, onError: () => undefined }),
    ]);
    return new RedisLog({ redis, doorbell, onUnknown, onDoorbellRefused });
  }

  async add(target: Target): Promise<{ identity: string } & Position> {
    // A token for each attempt: one that was carried out though its answer was lost must not pass for the next.
    const token = randomUUID();
    const answer = await this.#run(ADD, token, MAX_ENTRIES, this.#channel, ...fieldsOf(target));
    const [identity, number, isRung] = addAnswer.parse(answer);
    if (!isRung) this.#onDoorbellRefused(this.#channel);
    return { identity, number, token };
  }

  async renew({ instance, beat, identity, position }: RenewalRequest): Promise<Renewal> {
    const { number, token } = position;
    const asked = [identity ?? '', number, token, instance, beat, MAX_ENTRIES_PER_RENEWAL];
    const answer = renewAnswer.parse(await this.#run(RENEW, ...asked));
    const [currentIdentity, isKnown, lastNumber, lastToken, entries] = answer;
    return {
      identity: currentIdentity,
      isKnown,
      last: { number: lastNumber, token: lastToken },
      entries: entries.map((entry) => this.#entryOf(entry)),
    };
  }

  async acknowledge(instance: string, { number, token }: Position): Promise<void> {
    await this.#run(ACKNOWLEDGE, instance, number, token);
  }

  async look({ publisher, sight, look, reference, own }: LookRequest): Promise<Look> {
    const asked = [publisher, sight, look, reference ?? '', own?.number ?? '', own?.token ?? ''];
    const answer = lookAnswer.parse(await this.#run(LOOK, ...asked));
    const [identity, isIntact, holdsOwn, members, marks] = answer;
    return {
      identity,
      isIntact,
      holdsOwn,
      members: members.map(memberOf),
      marks: marks.map(([name, mark]) => ({ publisher: name, mark })),
    };
  }

  async members(): Promise<readonly Member[]> {
    return flatPairs.parse(await this.#run(MEMBERS)).map(memberOf);
  }

  async remove(instance: string, beat?: number): Promise<void> {
    await this.#run(REMOVE, instance, beat ?? '');
  }

  async removeMark({ publisher, mark }: Mark): Promise<void> {
    await this.#run(REMOVE_MARK, publisher, mark);
  }

  onAdded(listener: () => void): () => void {
    if (!this.#hasSubscribed) {
      this.#hasSubscribed = true;
      this.#doorbell.on('ready', () => this.#subscribe());
      this.#subscribe();
    }
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listeners.clear();
    this.#doorbell.disconnect();
    this.#redis.disconnect();
    return Promise.resolve();
  }

  /**
   * A user may lose the right to the channel, and be given it back: refused, it tries again a second later. Until then
   * the followers' own rhythm carries them.
   */
  #subscribe(): void {
    this.#doorbell.subscribe(this.#channel).catch(() => {
      setTimeout(() => {
        if (!this.#isClosed && this.#doorbell.status === 'ready') this.#subscribe();
      }, SUBSCRIBE_AGAIN_MS).unref();
    });
  }

  /** An entry that a newer version may have added is read as "drop everything", which is always safe. */
  #entryOf([id, fields]: z.output<typeof streamEntry>): Entry {
    const number = Number(id.split('-')[0]);
    const target = targetOf(fields);
    if (target === undefined) this.#onUnknown(number);
    return { number, target: target ?? { kind: 'everything' } };
  }

  #run(script: string, ...args: (string | number)[]): Promise<unknown> {
    const nonce = randomUUID();
    return this.#redis.eval(script, this.#keys.length, ...this.#keys, nonce, ...args);
  }
}

/** The version of an entry's fields. */
const VERSION = '1';

function fieldsOf(target: Target): string[] {
  return ['v', VERSION, 'kind', target.kind, 'id', target.kind === 'everything' ? '' : target.id];
}

/** Undefined for what this version does not know. */
function targetOf([, , , version, , kind, , id]: readonly string[]): Target | undefined {
  if (version !== VERSION || id === undefined) return undefined;
  if (kind === 'everything') return { kind };
  return kind === 'key' || kind === 'owner' ? { kind, id } : undefined;
}

function memberOf([instance, value]: readonly [string, string]): Member {
  const [, beat = 0, acknowledged = -1] = /^(\d+) (-?\d+)$/.exec(value) ?? [];
  return { instance, beat: Number(beat), acknowledged: Number(acknowledged) };
}

function pairs(flat: readonly string[]): (readonly [string, string])[] {
  const found: (readonly [string, string])[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) found.push([flat[i] ?? '', flat[i + 1] ?? '']);
  return found;
}
