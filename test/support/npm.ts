import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs npm in a folder, without what only people want to see, and without the scripts of packages. */
export async function npm(folder: string, ...args: readonly string[]): Promise<void> {
  await runIn(folder, 'npm', ...args, '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts');
}

/** Runs a program in a folder; resolves with its output, and rejects with it if the program fails. */
export async function runIn(cwd: string, program: string, ...args: readonly string[]): Promise<string> {
  try {
    const { stdout, stderr } = await run(program, args, { cwd, maxBuffer: 2 ** 26 });
    return stdout + stderr;
  } catch (err) {
    // Of jest's realm or of Node's.
    const { stdout = '', stderr = '' }: { stdout?: string; stderr?: string } = Object(err);
    throw new Error(`${program} ${args.join(' ')} has failed:\n${stdout}${stderr}`, { cause: err });
  }
}
