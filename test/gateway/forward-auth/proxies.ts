import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RunningProcess, freePort, runFolder, uniqueName } from '#libs/testing';

const RECIPES = join(import.meta.dirname, '../../../../examples/forward-auth');

/** Where the gateway and the service of a test are: `127.0.0.1:1234`. */
export interface Behind {
  readonly gateway: string;
  readonly service: string;
}

/** A real proxy with forward auth, as its recipe in examples/forward-auth says. */
export class Proxy {
  private constructor(
    readonly url: string,
    private readonly process: RunningProcess,
  ) {}

  /** `directives`: further ones for the process. */
  static async startNginx(behind: Behind, directives = ''): Promise<Proxy> {
    const folder = makeFolder('nginx');
    const port = await freePort();
    writeFileSync(join(folder, 'recipe.conf'), recipe('nginx.conf', '127.0.0.1:8080', port, behind));
    writeFileSync(join(folder, 'nginx.conf'), mainConfiguration(folder, directives));
    const process = new RunningProcess('nginx', [
      ...['-e', 'stderr', '-p', folder],
      ...['-c', join(folder, 'nginx.conf')],
    ]);
    return Proxy.#whenListening(port, process);
  }

  static async startCaddy(behind: Behind): Promise<Proxy> {
    const folder = makeFolder('caddy');
    const port = await freePort();
    const path = join(folder, 'Caddyfile');
    writeFileSync(path, recipe('Caddyfile', '127.0.0.1:8081', port, behind));
    const env = { XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
    return Proxy.#whenListening(port, new RunningProcess('caddy', ['run', '--config', path], env));
  }

  async stop(): Promise<void> {
    await this.process.stop();
  }

  static async #whenListening(port: number, process: RunningProcess): Promise<Proxy> {
    const exited = process.exited.then(() => true);
    while (!(await isListening(port))) {
      if (await Promise.race([exited, sleep(50, false)]))
        throw new Error(`it does not start: ${process.stdout}${process.stderr}`);
    }
    return new Proxy(`http://127.0.0.1:${port}`, process);
  }
}

/** The recipe with the addresses of the test. */
function recipe(name: string, listens: string, port: number, { gateway, service }: Behind): string {
  let text = readFileSync(join(RECIPES, name), 'utf8');
  const addresses = { [listens]: `127.0.0.1:${port}`, '127.0.0.1:9464': gateway, '127.0.0.1:3020': service };
  for (const [documented, real] of Object.entries(addresses)) {
    if (!text.includes(documented)) throw new Error(`${name} no longer has ${documented}`);
    text = text.replaceAll(documented, real);
  }
  return text;
}

/** What Debian's /etc/nginx/nginx.conf is otherwise: it keeps everything in the test's folder. */
function mainConfiguration(folder: string, directives: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return [
    'daemon off;',
    `pid ${folder}/nginx.pid;`,
    'error_log stderr;',
    directives,
    'events {}',
    'http {',
    'access_log off;',
    ...temporary.map((name) => `${name}_temp_path ${folder}/${name};`),
    `include ${folder}/recipe.conf;`,
    '}',
  ].join('\n');
}

function makeFolder(name: string): string {
  const folder = join(runFolder('proxies'), uniqueName(name));
  mkdirSync(folder);
  chmodSync(folder, 0o755); // nginx's workers run as another user than root
  return folder;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const isOpen = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isOpen;
}
