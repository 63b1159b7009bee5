import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Clock } from './clock.js';
import { RevocationFollower } from './follower.js';
import { InProcessLog } from './in-process-log.js';
import { RevocationPublisher } from './publisher.js';
import type { IdentityRecord, Recorded } from './identity-record.js';
import type { Position, Renewal, RevocationLog, Target } from './revocation-log.js';
import { DEFAULT_TIMINGS as timings } from './timings.js';

/** A clock that the test moves. Whoever waits wakes when it gets there. */
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

  /** Moves on millisecond by millisecond, letting everything run that wants to in between. */
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

/** An in-process log whose identity is taken for uncertain, and that can be away. */
class FaultyLog extends InProcessLog {
  away = false;
  override async add(target: Target): Promise<{ identity: string; number: number }> {
    if (this.away) throw new Error('away');
    return super.add(target);
  }
  override async renew(position: Position): Promise<Renewal> {
    if (this.away) throw new Error('away');
    return super.renew(position);
  }
  override async members(): ReturnType<RevocationLog['members']> {
    if (this.away) throw new Error('away');
    return super.members();
  }
}

/** Where identities are recorded. */
class Record implements IdentityRecord {
  recorded: Recorded | null = null;
  read(): Promise<Recorded | null> {
    return Promise.resolve(this.recorded);
  }
  replace(before: Recorded | null, identity: string): Promise<Recorded> {
    const generation = this.recorded?.generation ?? 0;
    if (this.recorded === null || before?.generation === generation)
      this.recorded = { identity, generation: generation + 1 };
    return Promise.resolve(this.recorded);
  }
}

let clock: HeldClock;
let log: FaultyLog;
let record: Record;
beforeEach(() => {
  clock = new HeldClock();
  log = new FaultyLog();
  record = new Record();
});

function follower(dropped: Target[] = [], of: RevocationLog = log): RevocationFollower {
  return new RevocationFollower({
    log: of,
    cache: { drop: (target) => void dropped.push(target) },
    clock,
    timings,
  });
}

const target = { kind: 'key', id: 'a' } as const;

describe('a follower', () => {
  it('holds no lease before it has renewed, and drops everything when it first does', async () => {
    const dropped: Target[] = [];
    const gateway = follower(dropped);
    expect(gateway.holdsLease).toBe(false);
    gateway.start();
    await settle();
    expect(gateway.holdsLease).toBe(true);
    expect(dropped).toEqual([{ kind: 'everything' }]);
    await gateway.stop();
  });

  it('drops what is added as soon as the doorbell rings', async () => {
    const dropped: Target[] = [];
    const gateway = follower(dropped);
    gateway.start();
    await settle();
    await log.add(target);
    await settle();
    await settle();
    expect(dropped).toEqual([{ kind: 'everything' }, target]);
    await gateway.stop();
  });

  it('loses its lease 2 seconds after the renewal that succeeded last was sent', async () => {
    const gateway = follower();
    gateway.start();
    await settle();
    log.away = true;
    await clock.pass(1999);
    expect(gateway.holdsLease).toBe(true);
    await clock.pass(1);
    expect(gateway.holdsLease).toBe(false);
    log.away = false;
    await clock.pass(timings.renewMs);
    expect(gateway.holdsLease).toBe(true);
    await gateway.stop();
  });

  it('counts its lease from when it asked, not from when it was answered', async () => {
    const slow: RevocationLog = {
      ...bound(log),
      renew: async (position) => {
        const renewal = await log.renew(position);
        await clock.wait(1500);
        return renewal;
      },
    };
    const gateway = follower([], slow);
    gateway.start();
    await clock.pass(1501);
    expect(gateway.holdsLease).toBe(true);
    log.away = true;
    await clock.pass(499);
    expect(gateway.holdsLease).toBe(false);
    await clock.pass(2000);
    await gateway.stop();
  });

  it('says once that it cannot follow', async () => {
    const failures: unknown[] = [];
    const gateway = follower();
    log.away = true;
    gateway.start((cause) => failures.push(cause));
    await clock.pass(3 * timings.renewMs);
    expect(failures).toHaveLength(1);
    await gateway.stop();
  });

  it('drops everything when entries are missing', async () => {
    const dropped: Target[] = [];
    const lossy: RevocationLog = {
      ...bound(log),
      renew: async (position) => {
        const renewal = await log.renew(position);
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

  it('takes itself off the list when it stops', async () => {
    const gateway = follower();
    gateway.start();
    await settle();
    expect((await log.members()).members).toHaveLength(1);
    await gateway.stop();
    expect((await log.members()).members).toEqual([]);
    expect(gateway.holdsLease).toBe(false);
  });
});

describe('a publisher', () => {
  const publisher = (of: RevocationLog = log): RevocationPublisher =>
    new RevocationPublisher({ log: of, record, clock, timings });

  it('is done at once where nobody follows', async () => {
    expect(await publisher().publish(target, clock.now())).toMatchObject({
      how: 'acknowledged',
      gateways: 0,
    });
  });

  it('is done as soon as all gateways have acknowledged', async () => {
    const gateways = [follower(), follower(), follower()];
    for (const gateway of gateways) gateway.start();
    await settle();
    const done = publisher().publish(target, clock.now());
    await clock.pass(20);
    expect(await done).toMatchObject({ how: 'acknowledged', gateways: 3 });
    for (const gateway of gateways) await gateway.stop();
  });

  it('waits for a gateway that stands still until its lease is over for certain', async () => {
    await log.renew({ instance: 'frozen', identity: null, position: 0 });
    const done = publisher().publish(target, clock.now());
    let isDone = false;
    void done.then(() => (isDone = true));
    await clock.pass(timings.leaseMs * timings.margin - 1);
    expect(isDone).toBe(false);
    await clock.pass(60);
    expect((await done).waitedMs).toBeGreaterThanOrEqual(timings.leaseMs * timings.margin);
  });

  it('waits no longer than one lease for a gateway that renews but never acknowledges', async () => {
    const done = publisher().publish(target, clock.now());
    void log.renew({ instance: 'deaf', identity: null, position: 0 });
    const renewing = (async () => {
      for (let i = 0; i < 10; i++) {
        await log.renew({ instance: 'deaf', identity: null, position: 0 });
        await clock.wait(timings.renewMs);
      }
    })();
    await clock.pass(timings.leaseMs * timings.margin + 60);
    expect(['lease', 'acknowledged']).toContain((await done).how);
    await clock.pass(10_000);
    await renewing;
  });

  it('is done when everything cached has run out, with the log away', async () => {
    log.away = true;
    const done = publisher().publish(target, clock.now());
    let isDone = false;
    void done.then(() => (isDone = true));
    await clock.pass(timings.cacheTtlMs * timings.margin - 1);
    expect(isDone).toBe(false);
    await clock.pass(60);
    expect(await done).toMatchObject({ how: 'cache-ttl', gateways: 0 });
  });

  /** Publishes and answers how that came into effect, and after how many milliseconds at least. */
  async function how(from: RevocationPublisher): Promise<string> {
    const done = from.publish(target, clock.now());
    await clock.pass(timings.cacheTtlMs * timings.margin + 60);
    return (await done).how;
  }

  describe('where the identity can change', () => {
    const uncertain = (): RevocationLog => ({ ...bound(log), identityIsCertain: false });

    it('trusts the first that was ever recorded: nobody can have cached under another', async () => {
      expect(await how(publisher(uncertain()))).toBe('acknowledged');
      expect(record.recorded?.generation).toBe(1);
    });

    it('waits for the caches when another one was recorded while they may have been filled', async () => {
      record.recorded = { identity: 'the one before', generation: 1 };
      const from = publisher(uncertain());
      await from.observe();
      expect(record.recorded).toMatchObject({ generation: 2 });
      await clock.pass(5000);
      const done = from.publish(target, clock.now());
      await clock.pass(timings.cacheTtlMs * timings.margin);
      const { how, waitedMs } = await done;
      expect(how).toBe('acknowledged');
      expect(waitedMs).toBeGreaterThanOrEqual(timings.cacheTtlMs * timings.margin - 5000);
      expect(waitedMs).toBeLessThan(timings.cacheTtlMs * timings.margin - 5000 + 60);
    });

    it('waits for the caches when another one is recorded by somebody else meanwhile', async () => {
      const from = publisher(uncertain());
      await from.observe();
      record.replace = () => Promise.resolve({ identity: 'the other half', generation: 2 });
      record.recorded = { identity: 'the other half', generation: 2 };
      expect(await how(from)).toBe('cache-ttl');
    });

    it('waits for the caches when it cannot read what is recorded', async () => {
      record.read = () => Promise.reject(new Error('away'));
      expect(await how(publisher(uncertain()))).toBe('cache-ttl');
    });
  });

  it('trusts a log whose followers live and die with it, after a restart as well', async () => {
    record.recorded = { identity: 'the one of the process before', generation: 7 };
    expect(await how(publisher())).toBe('acknowledged');
    expect(record.recorded.generation).toBe(8);
  });
});

/** The methods of a log as an object that can be spread and overridden. */
function bound(of: RevocationLog): RevocationLog {
  return {
    identityIsCertain: of.identityIsCertain,
    add: (entry) => of.add(entry),
    renew: (position) => of.renew(position),
    acknowledge: (position) => of.acknowledge(position),
    members: () => of.members(),
    remove: (instance, renewals) => of.remove(instance, renewals),
    onAdded: (listener) => of.onAdded(listener),
    close: () => of.close(),
  };
}
