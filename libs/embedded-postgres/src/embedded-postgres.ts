import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { lockNumber } from '#libs/postgres';
import { type Binaries, findBinaries } from './binaries.js';
import { readNote } from './postmaster-note.js';
import { giveToUnprivileged, spawnUnprivileged } from './unprivileged.js';

export interface EmbeddedPostgresOptions {
  /** Where everything is kept: the cluster in `postgres`, its log in `postgres.log`. */
  readonly folder: string;
  /** The password of the database user `keys`. */
  readonly password: string;
  /** Further settings of the server, such as `{ fsync: 'off' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** PostgreSQL's programs. Default: those that npm has installed. */
  readonly binaries?: Binaries;
}

const USER = 'keys';
const DATABASE = 'keys';

/**
 * The process that uses the folder holds these locks, in the cluster itself: they are released when it ends, however that
 * happens. Version 0.1.0 takes only the second, which has another meaning in the database that keys uses.
 */
const FOLDER_LOCKS = [lockNumber('npm start: data folder'), lockNumber('keys: who serves the database')];

/** How long PostgreSQL may take to accept connections: recovery after a crash takes time. */
const START_TIMEOUT_MS = 60_000;

/** The data folder belongs to another running process. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
}

/**
 * A real PostgreSQL below a folder, on a free port of the loopback interface, created on first use. It takes over a server
 * that a killed process has left behind; if that process still runs, it fails with {@link FolderInUse}.
 */
export class EmbeddedPostgres {
  private constructor(
    /** `postgres://keys@127.0.0.1:<port>/keys`, without the password. */
    readonly url: string,
    /** Of the server's main process, the parent of its others. */
    readonly pid: number,
    private readonly lock: pg.Client,
  ) {}

  /** Starts it. Rejects with one sentence that says what to do. */
  static async start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    const folder = resolve(options.folder);
    const binaries = options.binaries ?? (await findBinaries());
    await makeCluster(binaries, folder, options.password);

    const left = await findRunning(folder, options.password);
    const running = left ?? (await startServer(binaries, folder, options));
    if (!(await takeLock(running.client))) {
      await running.client.end();
      throw new FolderInUse(
        `The data folder ${folder} is in use by another process: stop that one, or set DATA_DIR to another folder.`,
      );
    }
    await makeDatabase(running.client);
    return new EmbeddedPostgres(
      `postgres://${USER}@127.0.0.1:${running.port}/${DATABASE}`,
      running.pid,
      running.client,
    );
  }

  /** Stops the server at once, without waiting: for a process that is about to exit. */
  kill(): void {
    signal(this.pid, 'SIGINT');
  }

  /** Stops the server: rolls back running transactions, closes connections, and writes everything to disk. */
  async stop(): Promise<void> {
    await this.lock.end();
    this.kill();
    while (signal(this.pid, 0)) await sleep(10);
  }
}

/** Creates it elsewhere and moves it into place once it is complete, so that a killed first start leaves nothing half done. */
async function makeCluster(binaries: Binaries, folder: string, password: string): Promise<void> {
  const cluster = join(folder, 'postgres');
  if (existsSync(cluster)) return;
  const unfinished = join(folder, 'postgres.unfinished');
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  giveToUnprivileged(unfinished);

  const secretFolder = mkdtempSync(join(tmpdir(), 'initdb-'));
  giveToUnprivileged(secretFolder);
  try {
    const passwordFile = join(secretFolder, 'password');
    writeFileSync(passwordFile, password, { mode: 0o600 });
    giveToUnprivileged(passwordFile);
    const args = [
      `--pgdata=${unfinished}`,
      `--username=${USER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--no-locale',
    ];
    await run(binaries.initdb, args, [binaries.initdb, unfinished]);
  } finally {
    rmSync(secretFolder, { recursive: true });
  }
  renameSync(unfinished, cluster);
}

async function run(program: string, args: readonly string[], paths: readonly string[]): Promise<void> {
  const child = spawnUnprivileged(program, args, paths, { stdio: ['ignore', 'ignore', 'pipe'], cwd: '/' });
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  await once(child, 'close');
  if (child.exitCode !== 0)
    throw new Error(
      `PostgreSQL could not be set up: ${complaint.trim().split('\n').at(-1) ?? 'no reason given'}`,
    );
}

interface Running {
  readonly pid: number;
  readonly port: number;
  readonly client: pg.Client;
}

/** The running server of this folder, if any. Waits for one that is starting or recovering. */
async function findRunning(folder: string, password: string): Promise<Running | undefined> {
  const cluster = join(folder, 'postgres');
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (let note = readNote(cluster); note !== undefined && Date.now() < deadline; note = readNote(cluster)) {
    const { pid, port } = note;
    const client = await connect(port, password, folder);
    if (client !== undefined) {
      const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
      if (rows[0]?.data_directory === cluster) return { pid, port, client };
      await client.end();
      return undefined;
    }
    await sleep(20);
  }
  return undefined;
}

async function startServer(
  binaries: Binaries,
  folder: string,
  options: EmbeddedPostgresOptions,
): Promise<Running> {
  const cluster = join(folder, 'postgres');
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    shared_buffers: '64MB',
    // Neither a failed statement nor the row it was about belongs in a log.
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
    ...options.settings,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = openSync(join(folder, 'postgres.log'), 'a', 0o600);
  // In a separate session, so that Ctrl-C in a terminal reaches only this process, which stops it when it is not needed.
  const child = spawnUnprivileged(
    binaries.postgres,
    ['-D', cluster, '-p', String(port), ...args],
    [binaries.postgres, cluster],
    {
      stdio: ['ignore', log, log],
      detached: true,
      cwd: '/',
    },
  );
  closeSync(log);
  child.on('error', () => undefined); // a program that cannot be started has no pid, which is checked below
  child.unref();

  const deadline = Date.now() + START_TIMEOUT_MS;
  while (child.pid !== undefined && child.exitCode === null && Date.now() < deadline) {
    const client = await connect(port, options.password, folder).catch((err: unknown) => {
      child.kill('SIGQUIT');
      throw err;
    });
    if (client !== undefined) return { pid: child.pid, port, client };
    await sleep(20);
  }
  child.kill('SIGQUIT');
  throw new Error(`PostgreSQL does not start: see ${join(folder, 'postgres.log')}.`);
}

/** Undefined if nothing accepts connections there. */
async function connect(port: number, password: string, folder: string): Promise<pg.Client | undefined> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: USER,
    password,
    database: 'postgres',
    application_name: `data folder of process ${process.pid}`,
    connectionTimeoutMillis: 2000,
  });
  // The server may be stopped or killed while this connection is open; its user notices by their own connection.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (err) {
    const isRefused = typeof err === 'object' && err !== null && 'code' in err && err.code === '28P01';
    if (!isRefused) return undefined;
    throw new Error(
      `PostgreSQL in ${folder} has another password: set DATABASE_PASSWORD to the one that it was created with, or delete the folder to start over.`,
      { cause: err },
    );
  }
}

async function takeLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(
    'SELECT pg_try_advisory_lock($1) AND pg_try_advisory_lock($2) AS taken',
    FOLDER_LOCKS,
  );
  return rows[0]?.taken === true;
}

async function makeDatabase(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
  if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string')
    throw new Error('the loopback interface has no free port');
  return address.port;
}

/** Sends a signal, or with 0 checks whether the process exists. False if it does not. */
function signal(pid: number, name: 'SIGINT' | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
