import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from './free-port.js';
import type { TestRedis } from './redis.js';
import { RunningProcess } from './running-process.js';
import { runFolder, uniqueName } from './run-folder.js';

/** The three sentinels' name for the primary. */
const NAME = 'mymaster';
const PASSWORD = 'the-redis-password-of-the-tests';
const SENTINEL_PASSWORD = 'the-sentinel-password-of-the-tests';

interface Server {
  readonly port: number;
  readonly process: RunningProcess;
}

/** A primary, its replica, and three sentinels that promote the replica when the primary is gone. */
export class SentinelRedis implements TestRedis {
  /** Settings for the processes that use it. */
  readonly settings = { REDIS_PASSWORD: PASSWORD, REDIS_SENTINEL_PASSWORD: SENTINEL_PASSWORD };

  private constructor(
    private readonly primary: Server,
    private readonly replica: Server,
    private readonly sentinels: readonly Server[],
  ) {}

  static async start(): Promise<SentinelRedis> {
    const primary = await startServer([`requirepass ${PASSWORD}`, `masterauth ${PASSWORD}`]);
    const replica = await startServer([
      `requirepass ${PASSWORD}`,
      `masterauth ${PASSWORD}`,
      `replicaof 127.0.0.1 ${primary.port}`,
    ]);
    const sentinels = await Promise.all([1, 2, 3].map(() => startSentinel(primary.port)));
    const redis = new SentinelRedis(primary, replica, sentinels);
    for (const { port } of sentinels) await redis.#until(port, knowsEverybody);
    return redis;
  }

  get url(): string {
    const places = this.sentinels.map(({ port }) => `127.0.0.1:${port}`);
    return `redis+sentinel://${places.join(',')}/${NAME}`;
  }

  get port(): number {
    return this.primary.port;
  }

  /** Kills the primary, as in a crash. */
  async kill(): Promise<void> {
    this.primary.process.signal('SIGKILL');
    await this.primary.process.exited;
  }

  /** Resolves once every sentinel knows the replica as the primary. */
  async failedOver(): Promise<void> {
    for (const { port } of this.sentinels) {
      await this.#until(port, (facts) => facts.get('port') === String(this.replica.port));
    }
  }

  restartEmpty(): Promise<void> {
    return Promise.reject(new Error('a primary that returns becomes a replica'));
  }

  async stop(): Promise<void> {
    const servers = [...this.sentinels, this.replica, this.primary];
    await Promise.all(servers.map(({ process }) => process.stop()));
  }

  async #until(port: number, isSo: (facts: ReadonlyMap<string, string>) => boolean): Promise<void> {
    const sentinel = new Redis({ host: '127.0.0.1', port, password: SENTINEL_PASSWORD });
    try {
      while (!isSo(factsIn(await sentinel.call('SENTINEL', 'MASTER', NAME)))) await sleep(20);
    } finally {
      sentinel.disconnect();
    }
  }
}

function knowsEverybody(facts: ReadonlyMap<string, string>): boolean {
  return facts.get('num-slaves') === '1' && facts.get('num-other-sentinels') === '2';
}

/** Names and values alternate. */
function factsIn(answer: unknown): ReadonlyMap<string, string> {
  const list = Array.isArray(answer) ? answer.map(String) : [];
  return new Map(list.flatMap((name, i) => (i % 2 === 0 ? [[name, list[i + 1] ?? '']] : [])));
}

function startServer(settings: readonly string[]): Promise<Server> {
  return start('redis', ['save ""', ...settings], [], 'Ready to accept connections');
}

function startSentinel(primaryPort: number): Promise<Server> {
  const settings = [
    `requirepass ${SENTINEL_PASSWORD}`,
    `sentinel sentinel-pass ${SENTINEL_PASSWORD}`,
    `sentinel monitor ${NAME} 127.0.0.1 ${primaryPort} 2`,
    `sentinel auth-pass ${NAME} ${PASSWORD}`,
    `sentinel down-after-milliseconds ${NAME} 3000`,
    `sentinel failover-timeout ${NAME} 5000`,
  ];
  return start('sentinel', settings, ['--sentinel'], '+monitor master');
}

/** With a configuration file, since a sentinel records in it what it learns. */
async function start(
  what: string,
  settings: readonly string[],
  args: readonly string[],
  ready: string,
): Promise<Server> {
  const port = await freePort();
  const folder = runFolder('redis', uniqueName(what));
  const file = join(folder, 'server.conf');
  writeFileSync(file, [`port ${port}`, 'bind 127.0.0.1', `dir ${folder}`, ...settings, ''].join('\n'));
  const process = new RunningProcess('redis-server', [file, ...args]);
  await process.waitForOutput(ready);
  return { port, process };
}
