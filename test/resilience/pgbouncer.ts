import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RunningProcess, freePort, runFolder, uniqueName } from '#libs/testing';

/** PgBouncer in front of a PostgreSQL, as a real process. */
export class PgBouncer {
  #process: RunningProcess | undefined;

  private constructor(
    readonly port: number,
    readonly configuration: string,
  ) {}

  /** Starts one that knows the users of these URLs, all of the same server. */
  static async start(
    mode: 'session' | 'transaction' | 'statement',
    urls: readonly string[],
  ): Promise<PgBouncer> {
    const port = await freePort();
    const folder = runFolder(uniqueName('pgbouncer'));
    const users = urls.map((text) => {
      const { username, password } = new URL(text);
      return `"${username}" "${decodeURIComponent(password)}"\n`;
    });
    const userList = join(folder, 'users.txt');
    writeFileSync(userList, [...new Set(users)].join(''));
    const configuration = join(folder, 'pgbouncer.ini');
    writeFileSync(
      configuration,
      `[databases]
* = host=127.0.0.1 port=${new URL(urls[0] ?? '').port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
pool_mode = ${mode}
auth_type = scram-sha-256
auth_file = ${userList}
`,
    );
    // As root it refuses to run, so it runs as a user who owns nothing.
    for (const file of [userList, configuration]) chmodSync(file, 0o644);
    const pgbouncer = new PgBouncer(port, configuration);
    await pgbouncer.restart();
    return pgbouncer;
  }

  /** The same URL through the pooler. */
  through(url: string): string {
    const pooled = new URL(url);
    pooled.port = String(this.port);
    return pooled.href;
  }

  /** Starts it again after `stop`. */
  async restart(): Promise<void> {
    const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
    this.#process = new RunningProcess('pgbouncer', [...user, this.configuration]);
    await this.#process.waitForOutput('process up');
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }
}
