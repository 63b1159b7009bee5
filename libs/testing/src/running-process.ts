import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { noteProcess, runFolder, uniqueName } from './run-folder.js';

/** A busy machine takes long; a program that fails exits, which is noticed at once. */
const WAIT_MS = 300_000;

/** Services stop within ten seconds, unless the machine is busy. */
const STOP_MS = 60_000;

/** A program that a test has started. Its output is kept, and also written to the run's folder. */
export class RunningProcess {
  stdout = '';
  stderr = '';
  readonly exited: Promise<number | NodeJS.Signals>;
  readonly #child: ChildProcess;
  #hasExited = false;

  /** Starts `program`. It gets only the given environment variables, PATH and HOME. */
  constructor(
    program: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    cwd?: string,
  ) {
    const { PATH = '', HOME = '' } = process.env;
    this.#child = spawn(program, args, { env: { PATH, HOME, ...env }, ...(cwd !== undefined && { cwd }) });
    noteProcess('started', this.pid);
    const file = createWriteStream(join(runFolder('logs'), uniqueName('process') + '.log'));
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString();
      file.write(chunk);
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
      file.write(chunk);
    });
    this.exited = new Promise((resolve, reject) => {
      this.#child.on('error', reject);
      this.#child.on('close', (code, signal) => {
        this.#hasExited = true;
        noteProcess('ended', this.pid);
        file.end();
        resolve(code ?? signal ?? 'SIGKILL');
      });
    });
    this.exited.catch(() => undefined);
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** Waits until it has written `text` to standard output or standard error, for at most `waitMs` milliseconds. */
  async waitForOutput(text: string | RegExp, waitMs = WAIT_MS): Promise<void> {
    const has = (output: string): boolean =>
      typeof text === 'string' ? output.includes(text) : text.test(output);
    const deadline = Date.now() + waitMs;
    while (Date.now() < deadline) {
      if (has(this.stdout) || has(this.stderr)) return;
      if (this.#hasExited) break;
      await sleep(10);
    }
    throw new Error(`it has not written ${String(text)}, but:\n${this.stdout}${this.stderr}`);
  }

  /** Writes `text` to its standard input, and closes that. */
  endInput(text: string): void {
    // It may exit before it has read everything.
    this.#child.stdin?.on('error', () => undefined).end(text);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Asks it to stop and waits until it has; kills it if it has not within a minute. */
  async stop(): Promise<number | NodeJS.Signals> {
    this.signal('SIGTERM');
    const timer = setTimeout(() => {
      this.signal('SIGKILL');
    }, STOP_MS);
    return this.exited.finally(() => {
      clearTimeout(timer);
    });
  }
}

/** The compiled programs of this repository. */
const DIST = join(import.meta.dirname, '../../..');

/** The path of a program below `dist`, which is bundled in this version alone. */
export function programIn(dist: string | undefined, name: string): string {
  return dist === undefined ? `bin/${name}.js` : `apps/${name}/src/main.js`;
}

/** Starts a compiled program by its path below `dist`: this repository's, or that of another version. */
export function startProgram(
  path: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  dist = DIST,
): RunningProcess {
  return new RunningProcess(process.execPath, [join(dist, path), ...args], env);
}
