import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RunningProcess, freePort, runFolder, startProgram, uniqueName } from '#libs/testing';
import { pin } from './machine.js';

const GATEWAY = join(import.meta.dirname, '../bin/gateway.js');
const START_MS = 20_000;

/** A server of a case, in its own process on its own core. */
export class CaseServer {
  private constructor(
    readonly process: RunningProcess,
    readonly url: string,
    /** The URL of a gateway's internal port. */
    readonly internalUrl = '',
  ) {}

  /** Starts a program of `bench/servers`. */
  static async start(name: string, env: Readonly<Record<string, string>>, core: number): Promise<CaseServer> {
    const process = startProgram(`bench/servers/${name}.js`, { NODE_ENV: 'production', ...env });
    await process.waitForOutput('is ready');
    pin(process.pid, core);
    const url = /(http:\/\/\S+) is ready/.exec(process.stdout)?.[1];
    if (url === undefined) throw new Error(`${name} does not say where it listens`);
    return new CaseServer(process, url);
  }

  /** Starts the whole gateway, with its log in a file as a container's is: reading it would keep this process busy. */
  static async startGateway(env: Readonly<Record<string, string>>, core: number): Promise<CaseServer> {
    const [port, internalPort] = [await freePort(), await freePort()];
    const gateway = new RunningProcess(
      'sh',
      [
        '-c',
        'exec "$0" "$1" >"$2"',
        process.execPath,
        GATEWAY,
        join(runFolder('logs'), uniqueName('gateway')),
      ],
      {
        ...env,
        GATEWAY_HOST: '127.0.0.1',
        GATEWAY_PORT: String(port),
        GATEWAY_INTERNAL_PORT: String(internalPort),
      },
    );
    const url = `http://127.0.0.1:${port}`;
    await untilReady(url);
    pin(gateway.pid, core);
    return new CaseServer(gateway, url, `http://127.0.0.1:${internalPort}`);
  }

  /** Sends a signal and returns the number that the server prints after `word`. */
  async ask(word: string): Promise<number> {
    return askProcess(this.process, word);
  }
}

async function untilReady(url: string): Promise<void> {
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok === true) return;
    await sleep(20);
  }
  throw new Error(`${url} does not become ready`);
}

/** Makes a process print a number, by SIGUSR2: `memory 12345678`. */
export async function askProcess(process: RunningProcess, word: string): Promise<number> {
  const from = process.stdout.length;
  const said = new RegExp(`^[^]{${from}}(?:[^]*\\n)?${word} (\\d+)\\n`);
  process.signal('SIGUSR2');
  await process.waitForOutput(said);
  return Number(said.exec(process.stdout)?.[1]);
}
