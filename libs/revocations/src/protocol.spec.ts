import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Clock } from '#libs/clock';
import { RevocationFollower } from './follower.js';
import { InProcessLog } from './in-process-log.js';
import { type Propagation, RevocationPublisher } from './publisher.js';
import type { IdentityRecord, Recorded } from './identity-record.js';
import {
  NOWHERE,
  type Renewal,
  type RenewalRequest,
  type RevocationLog,
  type Invalidation,
} from './revocation-log.js';
import { DEFAULT_TIMINGS as timings } from './timings.js';

/** A clock that the test moves. A wait ends when the clock gets there. */
class HeldClock implements Clock {
  #now = 0;
  #waiting: { at: number; wake: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) resolve();
      else this.#waiting.push({ at: this.#now + ms, wake: resolve });
      signal?.addEventListener('abort', () => resolve());
    });
  }

  /** Moves on millisecond by millisecond, letting pending promises run in between. */
  async pass(ms: number): Promise<void> {
    for (const end = this.#now + ms; this.#now < end;) {
      await settle();
      this.#now += 1;
      const due = this.#waiting.filter(({ at }) => at <= this.#now);
      this.#waiting = this.#waiting.filter(({ at }) => at > this.#now);
      for (const { wake } of due) wake();
      await settle();
    }
  }
}

/** Lets promises and doorbells run. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

/** A log that can be unavailable or silent. */
class FaultyLog extends InProcessLog {
  state: 'up' | 'down' | 'silent' = 'up';

  constructor() {
    super({
      askWhetherAlone: () => {
        if (this.state === 'down') return Promise.reject(new Error('away'));
        return this.state === 'silent' ? new Promise(() => undefined) : Promise.resolve(-Infinity);
      },
    });
  }
}

/** Records identities in memory. */
class RecordInMemory implements IdentityRecord {
  recorded: Recorded | null = null;
  read(): Promise<Recorded | null> {
    return Promise.resolve(this.recorded);
  }
  replace(before: Recorded | null, identity: string): Promise<Recorded> {
    const generation = this.recorded?.generation ?? 0;
    if (this.recorded === null || before?.generation === generation)
      this.recorded = { identity, generation: generation + 1, isSettled: generation === 0 };
    return Promise.resolve(this.recorded);
  }
  settle(generation: number): Promise<void> {
    if (this.recorded?.generation === generation) this.recorded = { ...this.recorded, isSettled: true };
    return Promise.resolve();
  }
}

let clock: HeldClock;
let log: FaultyLog;
let record: RecordInMemory;
beforeEach(() => {
  clock = new HeldClock();
  log = new FaultyLog();
  record = new RecordInMemory();
});

function follower(dropped: Invalidation[] = [], of: RevocationLog = log): RevocationFollower {
  return new RevocationFollower({
    log: of,
    cache: { invalidate: (target) => void dropped.push(target) },
    clock,
    timings,
  });
}

const target = { kind: 'key', id: 'a' } as const;

describe('a follower', () => {
  it('holds no lease before its first renewal, which drops everything', async () => {
    const dropped: Invalidation[] = [];
    const gateway = follower(dropped);
    expect(gateway.holdsLease).toBe(false);
    gateway.start();
    await settle();
    expect(gateway.holdsLease).toBe(true);
    expect(dropped).toEqual([{ kind: 'everything' }]);
    await gateway.stop();
  });

  it('applies new entries as soon as the doorbell rings', async () => {
    const dropped: Invalidation[] = [];
    const gateway = follower(dropped);
    gateway.start();
    await settle();
    await log.add(target);
    await settle();
    await settle();
    expect(dropped).toEqual([{ kind: 'everything' }, target]);
    await gateway.stop();
  });

  it('loses its lease 2 seconds after its last successful renewal was sent', async () => {
    const gateway = follower();
    gateway.start();
    await settle();
    log.state = 'down';
    await clock.pass(1999);
    expect(gateway.holdsLease).toBe(true);
    await clock.pass(1);
    expect(gateway.holdsLease).toBe(false);
    log.state = 'up';
    await clock.pass(timings.renewMs);
    expect(gateway.holdsLease).toBe(true);
    await gateway.stop();
  });

  it('counts its lease from when the renewal was sent, not from when it was answered', async () => {
    const slow: RevocationLog = {
      ...bound(log),
      renew: async (request) => {
        const renewal = await log.renew(request);
        await clock.wait(1500);
        return renewal;
      },
    };
    const gateway = follower([], slow);
    gateway.start();
    await clock.pass(1501);
    expect(gateway.holdsLease).toBe(true);
    log.state = 'down';
    await clock.pass(499);
    expect(gateway.holdsLease).toBe(false);
    await clock.pass(2000);
    await gateway.stop();
  });

  it('reports an outage once', async () => {
    const failures: unknown[] = [];
    const gateway = follower();
    log.state = 'down';
    gateway.start((cause) => failures.push(cause));
    await clock.pass(3 * timings.renewMs);
    expect(failures).toHaveLength(1);
    await gateway.stop();
  });

  it('drops everything if entries are missing', async () => {
    const dropped: Invalidation[] = [];
    const lossy: RevocationLog = {
      ...bound(log),
      renew: async (request) => {
        const renewal = await log.renew(request);
        return { ...renewal, entries: renewal.entries.slice(1) };
      },
    };
    const gateway = follower(dropped, lossy);
    gateway.start();
    await settle();
    await log.add(target);
    await log.add(target);
    await clock.pass(1);
    expect(dropped).toEqual([{ kind: 'everything' }, { kind: 'everything' }]);
    await gateway.stop();
  });

  it('drops everything if its lease has expired by the time a renewal is answered', async () => {
    const dropped: Invalidation[] = [];
    const gateway = follower(dropped);
    gateway.start();
    await settle();
    log.state = 'down';
    await clock.pass(timings.leaseMs + 1);
    log.state = 'up';
    await clock.pass(timings.renewMs);
    expect(gateway.holdsLease).toBe(true);
    expect(dropped).toEqual([{ kind: 'everything' }, { kind: 'everything' }]);
    await gateway.stop();
  });

  it('deregisters when it stops', async () => {
    const gateway = follower();
    gateway.start();
    await settle();
    expect(await log.members()).toHaveLength(1);
    await gateway.stop();
    expect(await log.members()).toEqual([]);
    expect(gateway.holdsLease).toBe(false);
  });
});

describe('a publisher', () => {
  const publisher = (of: RevocationLog = log): RevocationPublisher =>
    new RevocationPublisher({ log: of, record, clock, timings });
  const leaseMs = timings.leaseMs * timings.margin;
  const cacheMs = timings.cacheTtlMs * timings.margin;

  /** A publisher that has watched for as long as a lease may last. */
  async function watching(of: RevocationLog = log): Promise<RevocationPublisher> {
    const from = publisher(of);
    await watch(from, leaseMs + timings.lookEveryMs);
    return from;
  }

  async function watch(from: RevocationPublisher, forMs: number): Promise<void> {
    for (let waitedMs = 0; waitedMs < forMs; waitedMs += timings.lookEveryMs) {
      await from.observe();
      await clock.pass(timings.lookEveryMs);
    }
  }

  /** Publishes, and returns how that came into effect. */
  async function publish(from: RevocationPublisher): Promise<Propagation> {
    const done = from.publish(target, clock.now());
    await clock.pass(cacheMs + 60);
    return done;
  }

  it('returns at once if no gateway follows', async () => {
    const from = await watching();
    expect(await publish(from)).toMatchObject({ how: 'acknowledged', gateways: 0, waitedMs: 0 });
  });

  it('returns as soon as all gateways have acknowledged', async () => {
    const gateways = [follower(), follower(), follower()];
    for (const gateway of gateways) gateway.start();
    const from = await watching();
    const done = from.publish(target, clock.now());
    await clock.pass(20);
    expect(await done).toMatchObject({ how: 'acknowledged', gateways: 3 });
    for (const gateway of gateways) await gateway.stop();
  });

  it('looks when the last gateway acknowledges, and not only by the clock', async () => {
    const gateways = [follower(), follower(), follower()];
    for (const gateway of gateways) gateway.start();
    const from = await watching();
    let found: Propagation | undefined;
    const done = from.publish(target, clock.now()).then((propagation) => (found = propagation));
    // The clock stands still.
    for (let turns = 0; turns < 100 && found === undefined; turns++) await settle();
    expect(found).toMatchObject({ how: 'acknowledged', gateways: 3, waitedMs: 0 });
    await done;
    for (const gateway of gateways) await gateway.stop();
  });

  it('waits for a lease if it has just begun to watch: there may be unknown lease holders', async () => {
    const { how, waitedMs } = await publish(publisher());
    expect(['acknowledged', 'lease']).toContain(how);
    expect(waitedMs).toBeGreaterThanOrEqual(leaseMs);
    expect(waitedMs).toBeLessThan(leaseMs + 60);
  });

  it('waits for a gateway that stands still until its lease has certainly expired', async () => {
    const from = await watching();
    await renew('frozen', 1);
    const { waitedMs } = await publish(from);
    expect(waitedMs).toBeGreaterThanOrEqual(leaseMs);
    expect(waitedMs).toBeLessThan(leaseMs + 60);
  });

  it('waits at most one lease for a gateway that renews but never acknowledges', async () => {
    const from = await watching();
    const done = from.publish(target, clock.now());
    const renewing = (async () => {
      for (let beat = 1; beat <= 10; beat++) {
        await renew('deaf', beat);
        await clock.wait(timings.renewMs);
      }
    })();
    await clock.pass(leaseMs + 60);
    expect((await done).how).toBe('lease');
    await clock.pass(10_000);
    await renewing;
  });

  it.each(['down', 'silent'] as const)(
    'returns once everything cached has expired, while the log is %s',
    async (state) => {
      const from = await watching();
      log.state = state;
      const done = from.publish(target, clock.now());
      let isDone = false;
      void done.then(() => (isDone = true));
      await clock.pass(cacheMs - 1);
      expect(isDone).toBe(false);
      await clock.pass(2);
      expect(isDone).toBe(true);
      expect(await done).toMatchObject({ how: 'cache-ttl', gateways: 0 });
    },
  );

  it('adds the entry only once while the log can be written but not read', async () => {
    let added = 0;
    const from = publisher({
      ...bound(log),
      add: (entry) => {
        added++;
        return log.add(entry);
      },
      look: () => Promise.reject(new Error('away')),
    });
    expect((await publish(from)).how).toBe('cache-ttl');
    expect(added).toBe(1);
  });

  it('adds an entry again that the log has lost', async () => {
    let added = 0;
    const from = await watching({
      ...bound(log),
      add: (entry) => {
        added++;
        return log.add(entry);
      },
      look: async (request) => {
        const found = await log.look(request);
        return { ...found, holdsOwn: found.holdsOwn && added === 2 };
      },
    });
    expect((await publish(from)).how).toBe('acknowledged');
    expect(added).toBe(2);
  });

  it('waits for a lease again if the log’s memory has gone back', async () => {
    let isIntact = true;
    const from = await watching({
      ...bound(log),
      look: async (request) => ({
        ...(await log.look(request)),
        isIntact: isIntact && request.reference !== null,
      }),
    });
    isIntact = false;
    await from.observe();
    isIntact = true;
    expect((await publish(from)).waitedMs).toBeGreaterThanOrEqual(leaseMs);
  });

  it('waits for a lease again if it has not looked for long', async () => {
    const from = await watching();
    await clock.pass(timings.sightMs);
    expect((await publish(from)).waitedMs).toBeGreaterThanOrEqual(leaseMs);
  });

  it('only counts waiting up to when a look was sent, even if its answer is late', async () => {
    let lateMs = 0;
    const from = await watching({
      ...bound(log),
      look: async (request) => {
        const found = await log.look(request);
        if (lateMs > 0) await clock.wait(lateMs);
        return found;
      },
    });
    await renew('frozen', 1);
    lateMs = 1500;
    // Looks are sent at 0, 1.5 and 3 seconds; only the last was sent after the lease had expired.
    expect((await publish(from)).waitedMs).toBeGreaterThanOrEqual(3 * lateMs);
  });

  describe('with a log that other processes share', () => {
    const shared = (): RevocationLog => ({
      ...bound(log),
      look: async (request) => {
        const { identity, members, isIntact, holdsOwn, marks } = await log.look(request);
        return { identity, members, isIntact, holdsOwn, marks };
      },
    });

    it('trusts the first recorded log: nothing can be cached under another', async () => {
      expect((await publish(await watching(shared()))).waitedMs).toBe(0);
      expect(record.recorded).toMatchObject({ generation: 1, isSettled: true });
    });

    it('waits until caches expire if another log was recorded while they may have been filled', async () => {
      record.recorded = { identity: 'the one before', generation: 1, isSettled: true };
      const from = publisher(shared());
      await watch(from, 5000);
      expect(record.recorded).toMatchObject({ generation: 2, isSettled: false });
      const { how, waitedMs } = await publish(from);
      expect(how).toBe('acknowledged');
      expect(waitedMs).toBeGreaterThanOrEqual(cacheMs - 5000);
      expect(waitedMs).toBeLessThan(cacheMs - 5000 + 60);
    });

    it('records that nothing older is cached, so that no other publisher waits for it', async () => {
      record.recorded = { identity: 'the one before', generation: 1, isSettled: true };
      await watch(publisher(shared()), cacheMs + timings.lookEveryMs);
      expect(record.recorded).toMatchObject({ generation: 2, isSettled: true });
      expect((await publish(await watching(shared()))).waitedMs).toBe(0);
    });

    it('waits until caches expire if another publisher records another log meanwhile', async () => {
      const from = await watching(shared());
      record.recorded = { identity: 'the other half', generation: 2, isSettled: false };
      record.replace = () => record.read().then((found) => found ?? Promise.reject(new Error('nothing')));
      expect((await publish(from)).how).toBe('cache-ttl');
    });

    it('waits until caches expire if it cannot read the record', async () => {
      const from = await watching(shared());
      record.read = () => Promise.reject(new Error('away'));
      expect((await publish(from)).how).toBe('cache-ttl');
    });
  });

  describe('with an in-process log', () => {
    it('waits until the earlier process’s lease expires, but not its caches', async () => {
      record.recorded = { identity: 'in-process:before', generation: 7, isSettled: true };
      const aloneSince = clock.now() + 1000;
      log.dependOn(() => Promise.resolve(aloneSince));
      const from = await watching();
      const done = from.publish(target, clock.now());
      await clock.pass(cacheMs);
      expect((await done).how).toBe('acknowledged');
      expect(record.recorded).toMatchObject({ generation: 8 });
    });

    it('waits until caches expire if the earlier log is not known to have been in-process', async () => {
      record.recorded = { identity: 'the one before', generation: 7, isSettled: true };
      const from = await watching();
      expect((await publish(from)).waitedMs).toBeGreaterThan(cacheMs - leaseMs - 2 * timings.lookEveryMs);
    });

    it('waits until caches expire if another process has the database', async () => {
      const from = await watching();
      log.dependOn(() => Promise.reject(new Error('another has it')));
      expect((await publish(from)).how).toBe('cache-ttl');
    });
  });
});

function renew(instance: string, beat: number): Promise<Renewal> {
  const request: RenewalRequest = { instance, beat, identity: null, position: NOWHERE };
  return log.renew(request);
}

/** The methods of a log as an object that can be spread and overridden. */
function bound(of: RevocationLog): RevocationLog {
  return {
    add: (entry) => of.add(entry),
    renew: (request) => of.renew(request),
    acknowledge: (instance, position) => of.acknowledge(instance, position),
    look: (request) => of.look(request),
    members: () => of.members(),
    remove: (instance, beat) => of.remove(instance, beat),
    removeMark: (mark) => of.removeMark(mark),
    onAdded: (listener) => of.onAdded(listener),
    onAcknowledged: (listener) => of.onAcknowledged(listener),
    close: () => of.close(),
  };
}
