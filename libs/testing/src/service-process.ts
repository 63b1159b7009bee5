import { freePort } from './free-port.js';
import { type RunningProcess, startProgram } from './running-process.js';

/** A service as a process of its own. */
export class ServiceProcess {
  #env: Readonly<Record<string, string>>;
  #dist: string | undefined;
  #process: RunningProcess;

  private constructor(
    readonly url: string,
    /** Where it shows its metrics. */
    readonly metricsUrl: string,
    private readonly path: string,
    env: Readonly<Record<string, string>>,
    dist: string | undefined,
    process: RunningProcess,
  ) {
    this.#env = env;
    this.#dist = dist;
    this.#process = process;
  }

  /** Starts a program and waits until it says that it is ready. `dist`: where another version is compiled. */
  static async start(
    name: 'keys' | 'gateway' | 'dashboard',
    url: string,
    env: Readonly<Record<string, string>>,
    dist?: string,
  ): Promise<ServiceProcess> {
    const internalPort = await freePort();
    const path = `apps/${name}/src/main.js`;
    const settings = { ...env, [`${name.toUpperCase()}_INTERNAL_PORT`]: String(internalPort) };
    const metricsUrl = `http://127.0.0.1:${internalPort}/metrics`;
    return new ServiceProcess(url, metricsUrl, path, settings, dist, await launch(path, settings, dist));
  }

  /** The lines of its metrics that begin with `name`, in the format of Prometheus. */
  async metrics(name: string): Promise<string[]> {
    const response = await fetch(this.metricsUrl);
    return (await response.text()).split('\n').filter((line) => line.startsWith(name));
  }

  /** The present one. */
  get process(): RunningProcess {
    return this.#process;
  }

  /** Ends it at once, as a crash does. */
  async kill(): Promise<void> {
    this.#process.signal('SIGKILL');
    await this.#process.exited;
  }

  /** Starts it again where it was, with other settings where some are given: those stay. */
  async restart(changes: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#env = { ...this.#env, ...changes };
    this.#process = await launch(this.path, this.#env, this.#dist);
  }

  /** Stops it, and starts another version where it was: the one compiled in `dist`, or this repository's. */
  async replace(dist: string | undefined): Promise<void> {
    await this.#process.stop();
    this.#dist = dist;
    await this.restart();
  }
}

async function launch(
  path: string,
  env: Readonly<Record<string, string>>,
  dist: string | undefined,
): Promise<RunningProcess> {
  const process = startProgram(path, env, [], dist);
  await process.waitForOutput('is ready');
  return process;
}

/** A keys service. */
export interface KeysProcess {
  readonly service: ServiceProcess;
  readonly verifyPort: number;
}

/** `dist`: where another version is compiled. */
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

/** `dist`: where another version is compiled. */
export async function startGatewayProcess(
  env: Readonly<Record<string, string>>,
  dist?: string,
): Promise<ServiceProcess> {
  const port = await freePort();
  const settings = { GATEWAY_HOST: '127.0.0.1', GATEWAY_PORT: String(port), ...env };
  return ServiceProcess.start('gateway', `http://127.0.0.1:${port}`, settings, dist);
}

/** A dashboard at an address that it may be called by: cookies are bound to it. */
export async function startDashboardProcess(env: Readonly<Record<string, string>>): Promise<ServiceProcess> {
  const { DASHBOARD_PORT: port = await freePort() } = env;
  return ServiceProcess.start('dashboard', `http://localhost:${port}`, {
    DASHBOARD_HOST: '127.0.0.1',
    ...env,
    DASHBOARD_PORT: String(port),
  });
}
