import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RunningProcess, freePort, runFolder, uniqueName } from '#libs/testing';

const CONFIGURATION = join(import.meta.dirname, '../../../deploy/docker/haproxy.cfg');

/** The parts of the configuration that only apply to Docker's network, or to a newer release than Debian's. */
const OF_DOCKER: readonly [RegExp, string][] = [
  [/^resolvers docker\n(?: .*\n)*/m, ''],
  [/ init-state down resolvers docker init-addr none/g, ''],
  [/^ {2}bind :3080.*\n/m, ''],
  [/^frontend internal\n(?: .*\n)*/m, ''],
];

/** HAProxy with the configuration of deploy/docker/haproxy.cfg, in front of one gateway on this machine. */
export class HaProxy {
  private constructor(
    readonly port: number,
    private readonly process: RunningProcess,
  ) {}

  /** Resolves when it forwards requests to the gateway. `timeouts`: shorter ones, by their names in the configuration. */
  static async start(gatewayUrl: string, timeouts: Readonly<Record<string, string>> = {}): Promise<HaProxy> {
    const port = await freePort();
    let text = readFileSync(CONFIGURATION, 'utf8');
    for (const [what, instead] of OF_DOCKER) {
      if (text.search(what) < 0) throw new Error(`deploy/docker/haproxy.cfg no longer has ${String(what)}`);
      text = text.replace(what, instead);
    }
    for (const [name, time] of Object.entries(timeouts)) text = withTimeout(text, name, time);
    text = text
      .replace('bind :3000', `bind 127.0.0.1:${port}`)
      .replaceAll('server-template gateway 20 gateway:3000', `server gateway ${new URL(gatewayUrl).host}`);
    const path = join(runFolder(), `${uniqueName('haproxy')}.cfg`);
    writeFileSync(path, text);
    const process = new RunningProcess('haproxy', ['-db', '-f', path], { TRUSTED_PROXIES: '192.0.2.1' });
    const balancer = new HaProxy(port, process);
    while (!(await balancer.#isThere())) await sleep(50);
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    await this.process.stop();
  }

  async #isThere(): Promise<boolean> {
    const socket = connect(this.port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    return isOpen && (await fetch(`${this.url}/healthz`)).ok;
  }
}

function withTimeout(text: string, name: string, time: string): string {
  const line = new RegExp(`^  timeout ${name} \\S+`, 'm');
  if (!line.test(text)) throw new Error(`deploy/docker/haproxy.cfg has no timeout ${name}`);
  return text.replace(line, `  timeout ${name} ${time}`);
}
