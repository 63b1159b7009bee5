import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { type RedisAddress, RedisProbe, connectDoorbell, connectRedis } from '#libs/redis';
import { ACKNOWLEDGE, ADD, MEMBERS, REMOVE, RENEW, keysOf } from './redis-scripts.js';
import type { Entry, Member, Position, Renewal, RevocationLog, Target } from './revocation-log.js';

/** How many entries Redis keeps, about. A gateway that lags further behind sees a gap and drops everything. */
const KEPT = 10_000;
/** How many entries one renewal hands over at most; a gateway further behind sees a gap, too. */
const AT_MOST = 1000;

interface UnknownEntries {
  /** Hears the number of each entry of a kind or version that is not known here: everything is dropped for it. */
  readonly onUnknown?: ((number: number) => void) | undefined;
}

const addAnswer = z.tuple([z.string(), z.number()]);
const streamEntry = z.tuple([z.string(), z.array(z.string())]);
const renewAnswer = z.tuple([z.string(), z.number(), z.array(streamEntry)]);
const membersAnswer = z.tuple([z.string(), z.array(z.string())]);

/**
 * The log in Redis: a stream, a hash of its members and a nonce, under one hash tag.
 *
 * `redis` must fail fast (`enableOfflineQueue: false`, a `commandTimeout`); `doorbell` is a connection of its own,
 * because one that subscribes can do nothing else. Neither is closed by anybody but {@link close}.
 */
export class RedisLog implements RevocationLog {
  readonly identityIsCertain = false;
  /** How the connection does, for whoever shows that. */
  readonly probe: RedisProbe;
  readonly #redis: Redis;
  readonly #doorbell: Redis;
  readonly #keys: [string, string, string, string];
  readonly #channel: string;
  readonly #listeners = new Set<() => void>();
  readonly #onUnknown: (number: number) => void;

  constructor({
    redis,
    doorbell,
    name = 'revocations',
    onUnknown = () => undefined,
  }: { redis: Redis; doorbell: Redis; name?: string } & UnknownEntries) {
    this.#onUnknown = onUnknown;
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
  static async connect({ onUnknown, ...address }: RedisAddress & UnknownEntries): Promise<RedisLog> {
    const [redis, doorbell] = await Promise.all([
      connectRedis(address),
      // It shares its fate with the other connection, which speaks for both.
      connectDoorbell({ ...address, onError: () => undefined }),
    ]);
    return new RedisLog({ redis, doorbell, onUnknown });
  }

  async add(target: Target): Promise<{ identity: string; number: number }> {
    const answer = await this.#run(ADD, randomUUID(), KEPT, this.#channel, ...fieldsOf(target));
    const [identity, number] = addAnswer.parse(answer);
    return { identity, number };
  }

  async renew({ instance, identity, position }: Position): Promise<Renewal> {
    const answer = await this.#run(RENEW, randomUUID(), identity ?? '', position, instance, AT_MOST);
    const [currentIdentity, last, entries] = renewAnswer.parse(answer);
    return { identity: currentIdentity, last, entries: entries.map((entry) => this.#entryOf(entry)) };
  }

  async acknowledge({ instance, identity, position }: Position): Promise<void> {
    await this.#run(ACKNOWLEDGE, randomUUID(), identity ?? '', position, instance);
  }

  async members(): Promise<{ identity: string; members: readonly Member[] }> {
    const [identity, flat] = membersAnswer.parse(await this.#run(MEMBERS, randomUUID()));
    const members: Member[] = [];
    for (let i = 0; i + 1 < flat.length; i += 2) {
      const [renewals, acknowledged] = (flat[i + 1] ?? '').split(' ').map(Number);
      members.push({ instance: flat[i] ?? '', renewals: renewals ?? 0, acknowledged: acknowledged ?? -1 });
    }
    return { identity, members };
  }

  async remove(instance: string, renewals?: number): Promise<void> {
    await this.#run(REMOVE, instance, renewals ?? '');
  }

  onAdded(listener: () => void): () => void {
    // ioredis subscribes again after a reconnect; until it has, the followers' own rhythm carries them.
    if (this.#listeners.size === 0) void this.#doorbell.subscribe(this.#channel).catch(() => undefined);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    this.#doorbell.disconnect();
    this.#redis.disconnect();
    return Promise.resolve();
  }

  /** An entry that a newer version may have added is read as "drop everything", which is always safe. */
  #entryOf([id, fields]: z.output<typeof streamEntry>): Entry {
    const number = Number(id.split('-')[0]);
    const target = targetOf(fields);
    if (target === undefined) this.#onUnknown(number);
    return { number, target: target ?? { kind: 'everything' } };
  }

  #run(script: string, ...args: (string | number)[]): Promise<unknown> {
    return this.#redis.eval(script, this.#keys.length, ...this.#keys, ...args);
  }
}

/** The version of an entry's fields. */
const VERSION = '1';

function fieldsOf(target: Target): string[] {
  return ['v', VERSION, 'kind', target.kind, 'id', target.kind === 'everything' ? '' : target.id];
}

/** Undefined for what this version does not know. */
function targetOf([, version, , kind, , id]: readonly string[]): Target | undefined {
  if (version !== VERSION || id === undefined) return undefined;
  if (kind === 'everything') return { kind };
  return kind === 'key' || kind === 'owner' ? { kind, id } : undefined;
}
