import { Connection } from './connection.js';
import { AIMED_FAULTS, MEMORY_FAULTS } from './memory-faults.js';
import type { SimulatedProcess } from './process.js';
import type { Random } from './random.js';
import type { Simulation } from './simulation.js';

/** A fault at a time, possibly for a while. Its end is planned when it begins. */
export interface Fault {
  readonly name: string;
  readonly at: number;
  readonly begin: (simulation: Simulation) => void;
}

const HOUR_MS = 3_600_000;

/** Draws a fault, which lasts for `forMs` milliseconds if it lasts. */
export type Draw = (random: Random, forMs: number) => (simulation: Simulation) => void;

/** From none to four faults before `endMs`, of any kind. */
export function drawFaults(random: Random, endMs: number, isStandalone: boolean): Fault[] {
  const kinds = Object.entries({
    ...ANYWHERE,
    ...(isStandalone ? STANDALONE : { ...WITH_REDIS, ...MEMORY_FAULTS }),
  });
  return Array.from({ length: random.pick([0, 1, 1, 2, 2, 3, 4]) }, () => {
    const [kind, draw] = random.pick(kinds);
    const at = random.chance(0.3) ? random.between(0, 100) : random.between(0, endMs - 50);
    const forMs = random.pick([random.between(5, 50), random.between(50, 300), random.between(200, 800)]);
    return { name: `${kind} for ${Math.round(forMs)} ms`, at, begin: draw(random, forMs) };
  });
}

/** A fault that aims at a rule, at a time when there is a past to go back to, and time left afterwards. */
export function drawAimedFault(random: Random): Fault {
  const [name, draw] = random.pick(Object.entries(AIMED_FAULTS));
  return { name, at: random.between(350, 700), begin: draw(random, random.between(50, 300)) };
}

/** Faults for any number of processes. */
const ANYWHERE: Readonly<Record<string, Draw>> = {
  'a gateway is paused': (random, forMs) => (simulation) => {
    const { process } = random.pick(simulation.gateways);
    process.pause();
    simulation.world.after(forMs, () => {
      process.resume();
      simulation.probe();
    });
  },

  'keys is paused': (random, forMs) => (simulation) => {
    const { process } = random.pick(simulation.replicas);
    process.pause();
    simulation.world.after(forMs, () => process.resume());
  },

  'a gateway is cut off from keys': (random, forMs) => (simulation) => {
    const links = simulation.linksOf(random.pick(simulation.gateways));
    disturb(random, simulation, forMs, [random.pick(links).connection]);
  },

  'keys is cut off from PostgreSQL': (random, forMs) => (simulation) => {
    disturb(random, simulation, forMs, [random.pick(simulation.replicas).database]);
  },

  'a wall clock is set': (random, forMs) => (simulation) => {
    const { process } = random.pick([...simulation.gateways, ...simulation.replicas]);
    setWallClock(random, process, forMs);
  },
};

/** Faults for several processes, and the Redis between them. */
const WITH_REDIS: Readonly<Record<string, Draw>> = {
  // Leases and answers then expire early, which is safe. The clock of keys does not jump: a revoke would count waiting that
  // did not happen, and return while leases hold. That it does not is an assumption, and one of the mutants shows why it is
  // needed.
  'a gateway’s machine is suspended, and its clock jumps ahead': (random, forMs) => (simulation) => {
    const { process } = random.pick(simulation.gateways);
    process.pause();
    simulation.world.after(forMs, () => {
      process.jumpAhead(random.pick([random.between(5, 100), random.between(100, 5000)]));
      process.resume();
      simulation.probe();
    });
  },

  'a gateway is paused, and replaced meanwhile': (random, forMs) => (simulation) => {
    const { process } = random.pick(simulation.gateways);
    process.pause();
    simulation.startGateway(process.host);
    simulation.world.after(forMs, () => {
      process.resume();
      simulation.probe();
    });
  },

  'a gateway is killed, another started': (random, forMs) => (simulation) => {
    const gateway = random.pick(simulation.gateways);
    simulation.startGateway(gateway.process.host);
    simulation.killGateway(gateway);
    simulation.world.after(forMs, () => simulation.probe());
  },

  'a gateway stops, another starts': (random) => (simulation) => {
    simulation.stopGateway(random.pick(simulation.gateways));
    simulation.startGateway();
  },

  'keys is killed and restarted': (random) => (simulation) => {
    simulation.killKeys(random.pick(simulation.replicas));
    simulation.startKeys();
  },

  'Redis is restarted empty': (random, forMs) => (simulation) => {
    const logs = simulation.logsInRedis();
    simulation.redis = simulation.newRedis();
    for (const log of logs) {
      log.reach(simulation.redis);
      if (random.chance(0.5)) log.commands.refuse();
    }
    simulation.world.after(random.between(0, forMs), () => {
      for (const log of logs) log.commands.mend();
    });
  },

  'Redis is emptied': () => (simulation) => simulation.redis.flush(),

  'Redis fails over': (random, forMs) => (simulation) => {
    const promoted = simulation.redis.promoteReplica(random.whole(0, 8));
    const logs = simulation.logsInRedis();
    // The old server lives on: each process finds the new one at its own time.
    for (const log of logs) {
      if (random.chance(0.5)) log.reach(promoted);
    }
    if (random.chance(0.7)) simulation.redis = promoted;
    simulation.world.after(forMs, () => {
      for (const log of logs) log.reach(simulation.redis);
    });
  },

  'Redis is split, with one half empty': (random, forMs) => (simulation) => {
    const other = simulation.newRedis();
    const logs = simulation.logsInRedis();
    for (const log of logs) if (random.chance(0.5)) log.reach(other);
    simulation.world.after(forMs, () => {
      for (const log of logs) log.reach(simulation.redis);
    });
  },

  'Redis cannot be reached': (_, forMs) => (simulation) => {
    const logs = simulation.logsInRedis();
    for (const { commands, doorbell } of logs) {
      commands.refuse();
      doorbell.refuse();
    }
    simulation.world.after(forMs, () => {
      for (const { commands, doorbell } of logs) {
        commands.mend();
        doorbell.mend();
      }
    });
  },

  'a process is cut off from Redis': (random, forMs) => (simulation) => {
    const log = random.pick(simulation.logsInRedis());
    disturb(random, simulation, forMs, [log.commands, log.doorbell]);
  },

  'a doorbell is silent': (random, forMs) => (simulation) => {
    const { doorbell } = random.pick(simulation.logsInRedis(simulation.gateways));
    disturb(random, simulation, forMs, [doorbell]);
  },

  'keys is cut off from Redis, and PostgreSQL is slow': (random, forMs) => (simulation) => {
    const replica = random.pick(simulation.replicas);
    const { database } = replica;
    const logs = simulation.logsInRedis([replica]);
    for (const { commands } of logs) commands.refuse();
    database.hold('there');
    simulation.world.after(random.between(50, 140), () => database.mend());
    simulation.world.after(400 + forMs, () => {
      for (const { commands } of logs) commands.mend();
    });
  },

  'Redis’s wall clock is set': (random) => (simulation) => {
    simulation.redis.wallClockOffMs += random.between(-5000, 5000);
  },

  'a gateway gets late answers from Redis, and then none': (random, forMs) => (simulation) => {
    const { commands, doorbell } = random.pick(simulation.logsInRedis(simulation.gateways));
    const lateMs = random.between(20, 60);
    doorbell.hold('back');
    commands.hold('back');
    simulation.world.after(lateMs, () => commands.mend());
    simulation.world.after(lateMs + random.between(5, 20), () => commands.hold('there'));
    simulation.world.after(lateMs + 100 + forMs, () => {
      commands.mend();
      doorbell.mend();
    });
  },

  'a gateway is cut off from Redis, and its wall clock is set': (random, forMs) => (simulation) => {
    const { commands, doorbell } = random.pick(simulation.logsInRedis(simulation.gateways));
    disturb(random, simulation, forMs, [commands, doorbell]);
    simulation.world.after(random.between(0, 100), () => setWallClock(random, commands.process, forMs));
  },
};

/** Faults for keys and a gateway in one process. */
const STANDALONE: Readonly<Record<string, Draw>> = {
  'the process is killed and restarted': () => (simulation) => simulation.restartStandalone(),

  'another process takes over the database': (random, forMs) => (simulation) => {
    const [before] = simulation.gateways;
    simulation.endLease();
    simulation.startStandalone();
    // The earlier one may be slow to learn of it.
    if (before !== undefined && random.chance(0.5)) {
      for (const { database } of simulation.replicas.filter(({ process }) => process === before.process))
        disturb(random, simulation, forMs, [database]);
    }
    simulation.probe();
  },

  'the lease on the database is lost': (random, forMs) => (simulation) => {
    simulation.endLease();
    if (random.chance(0.5))
      simulation.world.after(random.between(0, forMs), () => simulation.startStandalone());
  },

  'the process is paused, then killed and restarted': (_, forMs) => (simulation) => {
    for (const { process } of simulation.gateways) process.pause();
    simulation.world.after(forMs, () => simulation.restartStandalone());
  },
};

/** Sets a wall clock by seconds or hours, possibly several times within `forMs`; nothing corrects it later. */
function setWallClock(random: Random, process: SimulatedProcess, forMs: number): void {
  const set = (): void =>
    process.setWallClock(
      random.pick([random.between(-5000, 5000), random.between(-3 * HOUR_MS, 3 * HOUR_MS)]),
    );
  set();
  for (let jumps = random.pick([0, 0, 1, 3]); jumps > 0; jumps--)
    process.world.after(random.between(0, forMs), set);
}

/** Disturbs connections in one of several ways: lost, refused, or silent in one direction or both. */
function disturb(
  random: Random,
  { world }: Simulation,
  forMs: number,
  connections: readonly Connection[],
): void {
  const [how, isLostAtEnd] = [random.whole(0, 4), random.chance(0.3)];
  for (const connection of connections) {
    if (how === 0) connection.lose();
    if (how === 1) connection.refuse();
    if (how === 2 || how === 4) connection.hold('there');
    if (how === 3 || how === 4) connection.hold('back');
  }
  world.after(forMs, () => {
    for (const connection of connections) {
      if (isLostAtEnd) connection.lose();
      connection.mend();
    }
  });
}
