import { generate } from 'selfsigned';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import {
  type RunningProcess,
  call,
  freePort,
  noteIssued,
  runFolder,
  startProgram,
  uniqueName,
} from '#libs/testing';

/** The program of the command line. */
export const CLI = 'bin/cli.js';

/** Runs a program with `input` as its standard input, until it exits. */
export async function run(
  path: string,
  env: Record<string, string>,
  args: string[] = [],
  input = '',
): Promise<{ code: unknown } & RunningProcess> {
  const program = startProgram(path, env, args);
  program.endInput(input);
  const timer = setTimeout(() => program.signal('SIGKILL'), 20_000);
  const code = await program.exited;
  clearTimeout(timer);
  return Object.assign(program, { code });
}

/** npm start, with its own ports and data folder. */
export class NpmStart {
  private constructor(
    readonly process: RunningProcess,
    readonly env: Record<string, string>,
  ) {}

  static async settings(): Promise<Record<string, string>> {
    const [gateway, manage, verify, dashboard] = await Promise.all([1, 2, 3, 4].map(() => freePort()));
    return {
      DASHBOARD_PORT: String(dashboard),
      EXAMPLE_PORT: String(await freePort()),
      DATA_DIR: join(runFolder('data'), uniqueName('data')),
      GATEWAY_PORT: String(gateway),
      KEYS_MANAGE_PORT: String(manage),
      KEYS_VERIFY_PORT: String(verify),
      KEYS_URL: `http://localhost:${manage}`,
      BCRYPT_COST: '4',
    };
  }

  static async start(env: Record<string, string>): Promise<NpmStart> {
    const process = startProgram('bin/standalone.js', env);
    await process.waitForOutput('Or, in another terminal');
    return new NpmStart(process, env);
  }

  async issue(): Promise<string> {
    const { stdout, stderr, code } = await this.keys(
      'issue',
      '--owner',
      'ada@example.com',
      '--name',
      'Production CI',
      '--capability',
      'desktop:read',
      '--capability',
      'desktop:chat',
    );
    if (code !== 0) throw new Error(stderr);
    noteIssued(stdout.trim());
    return stdout.trim();
  }

  keys(...args: string[]): ReturnType<typeof run> {
    const { DATA_DIR = '', KEYS_URL = '' } = this.env;
    return run(CLI, { DATA_DIR, KEYS_URL }, args);
  }

  /** Runs `keys find` with a text on its standard input. */
  find(text: string, ...args: string[]): ReturnType<typeof run> {
    const { DATA_DIR = '', KEYS_URL = '' } = this.env;
    return run(CLI, { DATA_DIR, KEYS_URL }, ['find', ...args], text);
  }

  async status(token: string): Promise<number> {
    return (await call(`http://localhost:${this.env.GATEWAY_PORT}/v1/me`, token)).status;
  }
}

/** The processes whose command line contains `text`. */
export function processesOf(text: string): string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes(text) && !line.includes('ps -eo'));
}

/** A self-signed certificate and its key. */
export async function certify(): Promise<{ cert: string; key: string }> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'keys.internal' }], {
    keySize: 2048,
  });
  return { cert, key };
}
