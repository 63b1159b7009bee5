import type { Draw } from './faults.js';
import type { Gateway } from './gateway.js';
import type { Random } from './random.js';
import type { Simulation } from './simulation.js';
import { TIMINGS } from './timings.js';

/** How long a lease lasts, at most, by any clock. */
const LEASE_MS = TIMINGS.leaseMs * TIMINGS.margin;

/** How far the memory goes back if not random: a little more than is assumed. */
const BACK_MS = TIMINGS.sightMs * 1.02;

/** Faults of the memory of the Redis between processes: part of it is lost, it goes back, or it is another server's. */
export const MEMORY_FAULTS: Readonly<Record<string, Draw>> = {
  'Redis loses a key': (random) => (simulation) => {
    const { redis } = simulation;
    random.pick([() => redis.loseState(), () => redis.loseStream()])();
  },

  'Redis loses fields of a key, one after the other': (random, forMs) => (simulation) => {
    const times = random.whole(1, 3);
    for (let i = 0; i < times; i++)
      simulation.world.after(random.between(0, forMs), () =>
        simulation.redis.loseField(
          random.pick(['member', 'member', 'mark', 'nonce', 'last', 'token', 'count']),
        ),
      );
  },

  'the stream is trimmed': (random) => (simulation) => {
    simulation.redis.trimStream(random.whole(0, 2));
  },

  'the stream is lost repeatedly': (random, forMs) => (simulation) => {
    for (let at = 0; at < forMs; at += random.between(5, 60))
      simulation.world.after(at, () => simulation.redis.loseStream());
  },

  'Redis’s memory goes back': (random, forMs) => (simulation) => {
    goBack(random, simulation, forMs);
  },

  'Redis’s memory goes back, once and again': (random, forMs) => (simulation) => {
    goBack(random, simulation, forMs);
    simulation.world.after(random.between(0, forMs), () => goBack(random, simulation, forMs));
  },

  'Redis’s memory goes back while a gateway hears nothing': (random, forMs) => (simulation) => {
    const gateway = random.pick(simulation.gateways);
    silence(random, simulation, gateway, forMs);
    simulation.world.after(random.between(0, 40), () => goBack(random, simulation, forMs));
  },

  'a new gateway hears nothing, and Redis’s memory goes back to before it came':
    (random, forMs) => (simulation) => {
      simulation.startGateway();
      const gateway = simulation.gateways.at(-1);
      if (gateway === undefined) return;
      const afterMs = random.between(15, 90);
      simulation.world.after(afterMs, () => {
        simulation.probe();
        silence(random, simulation, gateway, forMs + 100);
        simulation.redis.goBack(afterMs + random.between(0, 30), random.pick(['all', 'state']));
      });
    },

  'a gateway that Redis forgot sleeps, and wakes as Redis’s memory goes back':
    (random, forMs) => (simulation) => {
      const gateway = random.pick(simulation.gateways);
      simulation.redis.loseState();
      simulation.world.after(random.between(80, 160), () => {
        silence(random, simulation, gateway, forMs);
        simulation.redis.goBack(random.between(60, 200), random.pick(['all', 'state']));
      });
    },

  'a gateway misses an entry, and Redis’s memory goes back to before it': (random, forMs) => (simulation) => {
    const gateway = random.pick(simulation.gateways);
    const sleepMs = random.between(180, 400);
    gateway.process.pause();
    simulation.world.after(sleepMs, () => {
      simulation.redis.goBack(sleepMs + random.between(-20, 20), random.pick(['all', 'state']));
      gateway.process.resume();
      simulation.probe();
      simulation.world.after(random.between(0, Math.min(forMs, 60)), () => simulation.probe());
    });
  },

  'a process is led to a replica that takes writes': (random, forMs) => (simulation) => {
    const logs = simulation.logsInRedis();
    const replica = simulation.redis.writableReplica();
    for (const log of logs) if (random.chance(0.4)) log.reach(replica);
    if (random.chance(0.3)) simulation.world.after(random.between(0, forMs), () => replica.promote());
    simulation.world.after(forMs, () => {
      for (const log of logs) log.reach(simulation.redis);
    });
  },

  'commands to Redis are late, and its memory goes back': (random, forMs) => (simulation) => {
    const { commands } = random.pick(simulation.logsInRedis());
    commands.hold('there');
    simulation.world.after(random.between(0, 80), () => goBack(random, simulation, forMs));
    simulation.world.after(random.between(20, 150), () => commands.mend());
  },

  'keys is paused, and Redis’s memory goes back': (random, forMs) => (simulation) => {
    const { process } = random.pick(simulation.replicas);
    process.pause();
    simulation.world.after(random.between(0, forMs), () => goBack(random, simulation, forMs));
    simulation.world.after(forMs, () => process.resume());
  },
};

/**
 * Faults that each aim at one rule, since chance alone would take long to hit the critical moment: each is the only event
 * of its schedule, on a calm network.
 */
export const AIMED_FAULTS: Readonly<Record<string, Draw>> = {
  'what a gateway told Redis comes late, after its memory went back': (random) => (simulation) => {
    const { world, redis } = simulation;
    const gateway = random.pick(simulation.gateways);
    const logs = simulation.logsInRedis([gateway]);
    // This entry is not added again: the replica that added it has died.
    const name = `lost${world.serial()}`;
    redis.add(name, name, { kind: 'owner', id: 'nobody' });
    world.after(1, () =>
      whenJustRenewed(simulation, gateway, () => {
        // Holds its acknowledgment, or its next renewal, which also acknowledges.
        world.after(random.pick([0, 15]), () => {
          for (const { commands } of logs) commands.hold('there');
        });
        world.after(random.between(16, 90), () => {
          for (const { commands } of logs) commands.loseAndDeliverLate(LEASE_MS + random.between(75, 115));
          redis.goBack(BACK_MS, 'all');
          world.after(LEASE_MS + 40, () => simulation.useEveryKeyAt(gateway));
          world.after(LEASE_MS + random.between(60, 75), () => {
            silence(random, simulation, gateway, 150);
            simulation.revokeOne();
          });
        });
      }),
    );
  },

  'a new gateway sleeps after its first words until it is forgotten': (random) => (simulation) => {
    const { world } = simulation;
    if (simulation.replicas.length < 2) simulation.startKeys();
    const gateway = simulation.startGateway();
    world.after(random.between(8, 25), () => gateway.process.pause());
    world.after(TIMINGS.forgetAfterMs + random.between(10, 80), () => {
      gateway.process.resume();
      world.after(random.between(12, 25), () => simulation.useEveryKeyAt(gateway));
      world.after(random.between(35, 50), () => {
        silence(random, simulation, gateway, 150);
        simulation.revokeOne();
      });
    });
  },

  'a gateway sleeps, and Redis’s memory goes back while an answer to keys is on its way':
    (random) => (simulation) => {
      const { world, redis } = simulation;
      const gateway = random.pick(simulation.gateways);
      const logs = simulation.logsInRedis(simulation.replicas);
      simulation.useEveryKeyAt(gateway);
      world.after(25, () =>
        whenJustRenewed(simulation, gateway, () => {
          // Once it has received the answer and acknowledged.
          world.after(13, () => gateway.process.pause());
          keepWhatIsCached(simulation, gateway, 330);
          world.after(random.between(90, 140), () => simulation.revokeOne());
          world.after(random.between(158, 170), () => {
            for (const { commands } of logs) commands.hold('back');
            world.after(random.between(3, 8), () => {
              redis.goBack(BACK_MS, 'all');
              gateway.process.resume();
            });
            world.after(random.between(48, 62), () => {
              for (const { commands } of logs) commands.mend();
              for (let ms = 2; ms < 60; ms += 4) world.after(ms, () => simulation.useEveryKeyAt(gateway));
            });
          });
        }),
      );
    },

  'a renewal is under way when its lease ends, and Redis’s memory goes back before it arrives':
    (random) => (simulation) => {
      const { world, redis } = simulation;
      const gateway = random.pick(simulation.gateways);
      const logs = simulation.logsInRedis([gateway]);
      simulation.useEveryKeyAt(gateway);
      world.after(25, () =>
        whenJustRenewed(simulation, gateway, () => {
          // Once it has received the answer and acknowledged.
          world.after(13, () => {
            for (const { commands } of logs) commands.refuse();
            keepWhatIsCached(simulation, gateway, 370);
          });
          world.after(145, () => {
            for (const { commands } of logs) {
              commands.mend();
              commands.hold('there');
            }
          });
          // Its doorbell makes the gateway renew just before its lease ends.
          world.after(random.between(165, 182), () =>
            simulation.revokeOne(() => {
              redis.goBack(BACK_MS, 'all');
              for (const { commands } of logs) commands.mend();
              for (let ms = 2; ms < 60; ms += 4) world.after(ms, () => simulation.useEveryKeyAt(gateway));
            }),
          );
        }),
      );
    },

  'keys is cut off from Redis, and a commit takes long': (random) => (simulation) => {
    const { world } = simulation;
    if (simulation.replicas.length < 2) simulation.startKeys();
    const logs = simulation.logsInRedis(simulation.replicas);
    const slow = random.pick(simulation.replicas);
    for (const { commands } of logs) commands.refuse();
    slow.database.hold('there');
    simulation.revokeOne();
    // What is asked just before the commit is cached for as long as possible.
    const commitAfterMs = random.between(60, 130);
    world.after(commitAfterMs, () => slow.database.mend());
    for (let ms = commitAfterMs - 30; ms < commitAfterMs + 6; ms += 3)
      world.after(ms, () => {
        for (const gateway of simulation.gateways) simulation.useEveryKeyAt(gateway);
      });
    world.after(600, () => {
      for (const { commands } of logs) commands.mend();
    });
  },

  'another Redis is recorded, and a gateway has cached under the one before': (random) => (simulation) => {
    const { world } = simulation;
    const gateway = random.pick(simulation.gateways);
    simulation.useEveryKeyAt(gateway);
    world.after(25, () => {
      simulation.redis = simulation.newRedis();
      for (const log of simulation.logsInRedis()) if (log !== gateway.log) log.reach(simulation.redis);
      world.after(LEASE_MS + random.between(25, 80), () => simulation.revokeOne());
      world.after(450, () => {
        for (const log of simulation.logsInRedis()) log.reach(simulation.redis);
      });
    });
  },

  'keys sleeps, a gateway comes, and Redis’s memory goes back to before that': (random) => (simulation) => {
    const { world, redis } = simulation;
    const sleeper = random.pick(simulation.replicas);
    if (simulation.replicas.length < 2) simulation.startKeys();
    sleeper.process.pause();
    const comesAfterMs = random.between(10, 20);
    world.after(comesAfterMs, () => {
      const gateway = simulation.startGateway();
      world.after(BACK_MS - 30, () => simulation.useEveryKeyAt(gateway));
      world.after(BACK_MS, () => {
        silence(random, simulation, gateway, 180);
        redis.goBack(BACK_MS, random.pick(['all', 'state']));
        sleeper.process.resume();
        world.after(random.between(0, 5), () => simulation.revokeOne());
      });
    });
  },
};

/** Restores the memory of Redis, or one of its keys, to an earlier state. */
function goBack(random: Random, simulation: Simulation, forMs: number): void {
  const byMs = random.pick([random.between(0, 30), random.between(0, 120), forMs]);
  const what = random.pick(['all', 'all', 'state', 'stream'] as const);
  const happen = (): void => simulation.redis.goBack(byMs, what);
  if (random.chance(0.5)) happen();
  else {
    // Just after an entry was added.
    simulation.revokeOne();
    simulation.world.after(random.between(3, 25), happen);
  }
}

/** Cuts a gateway off from keys for a time: an answer would replace what it has cached. */
function keepWhatIsCached(simulation: Simulation, gateway: Gateway, forMs: number): void {
  const connections = simulation.linksOf(gateway).map(({ connection }) => connection);
  for (const connection of connections) connection.refuse();
  simulation.world.after(forMs, () => {
    for (const connection of connections) connection.mend();
  });
}

/** Calls `happen` as soon as Redis has processed a renewal of a gateway that still runs. */
function whenJustRenewed(simulation: Simulation, gateway: Gateway, happen: () => void): void {
  if (!simulation.gateways.includes(gateway)) return;
  const ageMs = simulation.redis.ageOf(gateway.process.name);
  if (ageMs >= 0 && ageMs < 2) happen();
  else simulation.world.after(1, () => whenJustRenewed(simulation, gateway, happen));
}

/** Cuts a gateway off from Redis, or pauses it. */
function silence(random: Random, simulation: Simulation, gateway: Gateway, forMs: number): void {
  const logs = simulation.logsInRedis([gateway]);
  if (random.chance(0.3)) {
    gateway.process.pause();
    simulation.world.after(forMs, () => {
      gateway.process.resume();
      simulation.probe();
    });
    return;
  }
  for (const { commands, doorbell } of logs) {
    commands.refuse();
    doorbell.refuse();
  }
  for (let i = 0; i < 4; i++) simulation.world.after(random.between(0, forMs), () => simulation.probe());
  simulation.world.after(forMs, () => {
    for (const { commands, doorbell } of logs) {
      commands.mend();
      doorbell.mend();
    }
  });
}
