import { freePort } from './free-port.js';
import { type RunningProcess, programIn, startProgram } from './running-process.js';

/** A service in its own process. */
export class ServiceProcess {
  #env: Readonly<Record<string, string>>;
  #dist: string | undefined;
  #process: RunningProcess;

  private constructor(
    readonly url: string,
    /** The address of its metrics. */
    readonly metricsUrl: string,
    private readonly name: string,
    env: Readonly<Record<string, string>>,
    dist: string | undefined,
    process: RunningProcess,
  ) {
    this.#env = env;
    this.#dist = dist;
    this.#process = process;
  }

  /** Starts a program and waits until it is ready. `dist`: the compiled files of another version. */
  static async start(
    name: 'keys' | 'gateway' | 'dashboard',
    url: string,
    env: Readonly<Record<string, string>>,
    dist?: string,
  ): Promise<ServiceProcess> {
    const internalPort = await freePort();
    const settings = { ...env, [`${name.toUpperCase()}_INTERNAL_PORT`]: String(internalPort) };
    const metricsUrl = `http://127.0.0.1:${internalPort}/metrics`;
    return new ServiceProcess(url, metricsUrl, name, settings, dist, await launch(name, settings, dist));
  }

  /** The lines of its metrics that begin with `name`, in the format of Prometheus. */
  async metrics(name: string): Promise<string[]> {
    const response = await fetch(this.metricsUrl);
    return (await response.text()).split('\n').filter((line) => line.startsWith(name));
  }

  /** The current process. */
  get process(): RunningProcess {
    return this.#process;
  }

  /** Kills it, as in a crash. */
  async kill(): Promise<void> {
    this.#process.signal('SIGKILL');
    await this.#process.exited;
  }

  /** Restarts it on the same ports, with the given changes of its settings, which persist. */
  async restart(changes: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#env = { ...this.#env, ...changes };
    this.#process = await launch(this.name, this.#env, this.#dist);
  }

  /** Replaces it with another version on the same ports: the one compiled in `dist`, or this repository's. */
  async replace(dist: string | undefined): Promise<void> {
    await this.#process.stop();
    this.#dist = dist;
    await this.restart();
  }
}

async function launch(
  name: string,
  env: Readonly<Record<string, string>>,
  dist: string | undefined,
): Promise<RunningProcess> {
  const process = startProgram(programIn(dist, name), env, [], dist);
  await process.waitForOutput('is ready');
  return process;
}

/** A keys service. */
export interface KeysProcess {
  readonly service: ServiceProcess;
  readonly verifyPort: number;
}

/** `dist`: the compiled files of another version. */
export async function startKeysProcess(
  env: Readonly<Record<string, string>>,
  dist?: string,
): Promise<KeysProcess> {
  const { KEYS_MANAGE_PORT = await freePort(), KEYS_VERIFY_PORT = await freePort() } = env;
  const settings = {
    KEYS_HOST: '127.0.0.1',
    ...env,
    KEYS_MANAGE_PORT: String(KEYS_MANAGE_PORT),
    KEYS_VERIFY_PORT: String(KEYS_VERIFY_PORT),
  };
  const url = `http://127.0.0.1:${KEYS_MANAGE_PORT}`;
  const service = await ServiceProcess.start('keys', url, settings, dist);
  return { service, verifyPort: Number(KEYS_VERIFY_PORT) };
}

/** `dist`: the compiled files of another version. */
export async function startGatewayProcess(
  env: Readonly<Record<string, string>>,
  dist?: string,
): Promise<ServiceProcess> {
  const port = await freePort();
  const settings = { GATEWAY_HOST: '127.0.0.1', GATEWAY_PORT: String(port), ...env };
  return ServiceProcess.start('gateway', `http://127.0.0.1:${port}`, settings, dist);
}

/** A dashboard at a URL that browsers may use: cookies are bound to it. */
export async function startDashboardProcess(env: Readonly<Record<string, string>>): Promise<ServiceProcess> {
  const { DASHBOARD_PORT: port = await freePort() } = env;
  return ServiceProcess.start('dashboard', `http://localhost:${port}`, {
    DASHBOARD_HOST: '127.0.0.1',
    ...env,
    DASHBOARD_PORT: String(port),
  });
}
