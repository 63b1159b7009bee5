import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import {
  Doorbell,
  type DoorbellOptions,
  type OnSetup,
  type RedisAddress,
  RedisProbe,
  checkRedis,
  connectRedis,
} from '#libs/redis';
import { followerNeeds, publisherNeeds } from './redis-needs.js';
import {
  ACKNOWLEDGE,
  ADD,
  LOOK,
  MEMBERS,
  REMOVE,
  REMOVE_MARK,
  RENEW,
  channelsOf,
  keysOf,
} from './redis-scripts.js';
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
} from './revocation-log.js';

/** About how many entries Redis keeps. A gateway that lags further behind finds a gap and drops everything. */
const MAX_ENTRIES = 10_000;
/** The maximum number of entries that one renewal returns; a gateway further behind finds a gap, too. */
const MAX_ENTRIES_PER_RENEWAL = 1000;

/** Called when something unusual is found. */
interface RedisLogListeners {
  /** Called with the number of each entry whose kind or version is unknown here: it makes the gateway drop everything. */
  readonly onUnknown?: ((number: number) => void) | undefined;
  /** Called once until it works again: Redis refused to ring the doorbell, since its user lacks the right to the channel. */
  readonly onDoorbellRefused?: ((channel: string) => void) | undefined;
}

/** How to connect to the log. */
interface RedisLogOptions extends RedisAddress, RedisLogListeners {
  /** Whether this side follows or publishes: each has a doorbell, which the other rings. */
  readonly as: 'follower' | 'publisher';
  /** Whom to tell whether this side's doorbell works. */
  readonly doorbell: Pick<DoorbellOptions, 'onSilent' | 'onBack'>;
  /** Called if Redis is not configured for it. */
  readonly onSetup?: OnSetup | undefined;
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
 * `redis` must fail fast (`enableOfflineQueue: false`, a `commandTimeout`); the doorbell has a separate connection.
 * Only {@link close} closes them.
 */
export class RedisLog implements RevocationLog {
  /** The state of the connection, for metrics. */
  readonly probe: RedisProbe;
  readonly #redis: Redis;
  readonly #doorbell: Doorbell;
  readonly #side: RedisLogOptions['as'];
  readonly #keys: [string, string];
  readonly #channels: ReturnType<typeof channelsOf>;
  readonly #onUnknown: (number: number) => void;
  readonly #onDoorbellRefused: (channel: string) => void;
  #isDoorbellRefused = false;

  private constructor(
    redis: Redis,
    doorbell: Doorbell,
    { as, prefix = '', onUnknown = () => undefined, onDoorbellRefused = () => undefined }: RedisLogOptions,
  ) {
    this.#onUnknown = onUnknown;
    this.#onDoorbellRefused = onDoorbellRefused;
    this.#redis = redis;
    this.probe = new RedisProbe(redis);
    this.#doorbell = doorbell;
    this.#keys = keysOf(prefix);
    this.#channels = channelsOf(prefix);
    this.#side = as;
  }

  /** Connects to Redis. While Redis is unavailable, revocations still work, but take longer. */
  static async connect(options: RedisLogOptions): Promise<RedisLog> {
    const { as, prefix = '', doorbell: listeners, onSetup } = options;
    const { added, acknowledged } = channelsOf(prefix);
    const channel = as === 'follower' ? added : acknowledged;
    const [redis, doorbell] = await Promise.all([
      connectRedis(options),
      Doorbell.connect(options, { channel, ...listeners }),
    ]);
    const needs = as === 'follower' ? followerNeeds(prefix) : publisherNeeds(prefix);
    if (onSetup !== undefined) checkRedis(redis, needs, onSetup);
    return new RedisLog(redis, doorbell, options);
  }

  /** Whether this side's doorbell works. */
  get isDoorbellListening(): boolean {
    return this.#doorbell.isListening;
  }

  async add(target: Invalidation): Promise<{ identity: string } & Position> {
    // A token per attempt: an attempt that succeeded although its answer was lost must not be taken for the next.
    const token = randomUUID();
    const answer = await this.#run(ADD, token, MAX_ENTRIES, this.#channels.added, ...fieldsOf(target));
    const [identity, number, isRung] = addAnswer.parse(answer);
    if (!isRung && !this.#isDoorbellRefused) this.#onDoorbellRefused(this.#channels.added);
    this.#isDoorbellRefused = !isRung;
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
    await this.#run(ACKNOWLEDGE, instance, number, token, this.#channels.acknowledged);
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

  /** For followers. Without the doorbell, they only notice at their next regular renewal. */
  onAdded(listener: () => void): () => void {
    return this.#side === 'follower' ? this.#doorbell.onRing(() => listener()) : () => undefined;
  }

  /** For publishers. Without the doorbell, they only notice at their next look. */
  onAcknowledged(listener: (number: number) => void): () => void {
    if (this.#side === 'follower') return () => undefined;
    return this.#doorbell.onRing((number) => {
      if (number !== undefined) listener(Number(number));
    });
  }

  async close(): Promise<void> {
    this.#doorbell.close();
    this.#redis.disconnect();
    return Promise.resolve();
  }

  /** An entry that only a newer version understands is read as "drop everything", which is always safe. */
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

function fieldsOf(target: Invalidation): string[] {
  return ['v', VERSION, 'kind', target.kind, 'id', target.kind === 'everything' ? '' : target.id];
}

/** Undefined for what this version does not know. */
function targetOf([, , , version, , kind, , id]: readonly string[]): Invalidation | undefined {
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
