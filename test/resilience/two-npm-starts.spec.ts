import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EmbeddedPostgres } from '#libs/embedded-postgres';
import {
  type RunningProcess,
  TEST_SECRETS,
  TcpProxy,
  freePort,
  runFolder,
  startProgram,
  uniqueName,
} from '#libs/testing';
import { Workload } from './chaos/workload.js';

const PASSWORD = 'the-database-password-of-two';

/** An npm start that is restarted whenever it exits, as supervisors do. It has its own connection to PostgreSQL. */
class Supervised {
  /** How often it has started. */
  starts = 0;
  process: RunningProcess;
  readonly #over: Promise<void>;
  #isOver = false;

  private constructor(
    readonly network: TcpProxy,
    private readonly env: Readonly<Record<string, string>>,
  ) {
    this.process = this.#start();
    this.#over = this.#supervise();
  }

  static async start(databasePort: number): Promise<Supervised> {
    const network = await TcpProxy.start(databasePort);
    return new Supervised(network, {
      ...TEST_SECRETS,
      DATABASE_URL: `postgres://keys:${PASSWORD}@127.0.0.1:${network.port}/keys`,
      DATA_DIR: runFolder('data', uniqueName('two')),
      EXAMPLE_PORT: String(await freePort()),
      GATEWAY_PORT: String(await freePort()),
      KEYS_MANAGE_PORT: String(await freePort()),
      KEYS_VERIFY_PORT: String(await freePort()),
      DASHBOARD_PORT: String(await freePort()),
    });
  }

  get keys(): { service: { url: string } } {
    return { service: { url: `http://127.0.0.1:${this.env.KEYS_MANAGE_PORT ?? ''}` } };
  }

  get gateway(): { url: string } {
    return { url: `http://127.0.0.1:${this.env.GATEWAY_PORT ?? ''}` };
  }

  /** Waits until it is ready, whether it was restarted or not. */
  async serves(): Promise<void> {
    while (!this.process.stdout.includes('are running')) await sleep(20);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.process.stop();
    await this.#over;
    await this.network.stop();
  }

  #start(): RunningProcess {
    this.starts++;
    return startProgram('bin/standalone.js', this.env);
  }

  async #supervise(): Promise<void> {
    for (;;) {
      await this.process.exited;
      if (this.#isOver) return;
      this.process = this.#start();
    }
  }
}

/*
 * Each keeps the revocation log within its process, so neither learns what the other revokes. So only one may serve, and
 * the other must know at once that it may not.
 */
describe('of two npm start on one database, under load', () => {
  let postgres: EmbeddedPostgres;
  let folder: string;
  let first: Supervised;
  let second: Supervised;
  let workload: Workload;
  const portOf = (): number => Number(new URL(postgres.url).port);
  beforeEach(async () => {
    folder = runFolder(uniqueName('embedded'));
    postgres = await EmbeddedPostgres.start({ folder, password: PASSWORD });
    first = await Supervised.start(portOf());
    await first.serves();
    second = await Supervised.start(portOf());
    workload = new Workload(
      { keys: [first.keys, second.keys], gateways: [first.gateway, second.gateway] },
      20,
    );
  });
  afterEach(async () => {
    await Promise.all([first.stop(), second.stop()]);
    await postgres.stop();
  });

  function expectThePromiseHeld(): void {
    const { acceptedAfterReturn, validRefused, accepted, refused } = workload.history.check();
    expect(acceptedAfterReturn).toEqual([]);
    expect(validRefused).toEqual([]);
    expect(accepted).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(0);
  }

  it('the second takes over when the first loses its connections, and the first ends when it has them back', async () => {
    await workload.run(async () => {
      const before = first.process;
      first.network.cut();
      await second.serves();
      await sleep(1000); // the second issues and revokes, the first has its old cache
      first.network.mend();
      expect(await before.exited).toBe(1);
      expect(before.stderr + before.stdout).toContain('Another keys service uses this database.');
      await sleep(2000);
    });
    expectThePromiseHeld();
    expect(second.process.stdout).toContain('are running');
  });

  it('one serves after PostgreSQL has restarted, whichever is first', async () => {
    await workload.run(async () => {
      await postgres.stop();
      await sleep(500);
      postgres = await EmbeddedPostgres.start({ folder, password: PASSWORD });
      // The first is slow, so that the second, which is restarted again and again, may win.
      second.network.mend(portOf());
      await second.serves();
      first.network.mend(portOf());
      while (first.starts === 1) await sleep(20);
      await sleep(1000);
    });
    expectThePromiseHeld();
    expect(second.process.stdout).toContain('are running');
  });

  it('the first continues if its connections broke only on its side, which PostgreSQL has not noticed', async () => {
    await workload.run(async () => {
      const { starts } = second;
      first.network.silence();
      while (second.starts < starts + 2) await sleep(20);
      await first.process.waitForOutput('the revocation log is available again');
      await sleep(3000);
    });
    expectThePromiseHeld();
    expect(first.starts).toBe(1);
  });
});
