import { freePort } from './free-port.js';
import { RunningProcess } from './running-process.js';
import { runFolder, uniqueName } from './run-folder.js';

/** A real Redis on its own port, which logs every command. */
export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** Kills it, as in a crash. */
  kill(): Promise<void>;
  /** Starts it again on the same port, empty. */
  restartEmpty(): Promise<void>;
  stop(): Promise<void>;
}

/** `settings`: further arguments of its command line, such as `--requirepass` and the password. */
export async function startRedis(settings: readonly string[] = []): Promise<TestRedis> {
  const port = await freePort();
  let server = await run(port, settings);
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill: async () => {
      server.signal('SIGKILL');
      await server.exited;
    },
    restartEmpty: async () => {
      server = await run(port, settings);
    },
    stop: async () => {
      await server.stop();
    },
  };
}

async function run(port: number, further: readonly string[]): Promise<RunningProcess> {
  const folder = runFolder('redis', uniqueName('redis'));
  const settings = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--appendonly',
    'yes',
    '--save',
    '',
    '--enable-debug-command',
    'local',
    ...further,
  ];
  const server = new RunningProcess('redis-server', settings);
  await server.waitForOutput('Ready to accept connections');
  return server;
}
