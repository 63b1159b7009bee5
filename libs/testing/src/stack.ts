import { type IssuedKey, ManageClient } from '#libs/keys-client';
import { type TestDatabase, makeDatabase } from './database.js';
import { freePort } from './free-port.js';
import { type TestRedis, startRedis } from './redis.js';
import { noteIssued } from './run-folder.js';
import { type RunningProcess, startProgram } from './running-process.js';
import { TcpProxy } from './tcp-proxy.js';

/** The credentials of every stack that a test starts. */
export const TEST_SECRETS = {
  KEYS_MANAGE_TOKEN: 'the-manage-token-of-the-tests-0123456789',
  KEYS_VERIFY_TOKEN: 'the-verify-token-of-the-tests-0123456789',
  KEY_TAG_SECRET: 'the-tag-secret-of-the-tests-0123456789ab',
  VERDICT_SECRET: 'the-verdict-secret-of-the-tests-01234567',
  IDENTITY_SECRET: 'the-identity-secret-of-the-tests-0123456',
  DASHBOARD_SECRET: 'the-dashboard-secret-of-the-tests-012345',
} as const;

/** Tests call as often as they like, unless they are about limits. */
const UNLIMITED = {
  SIGN_INS_PER_MINUTE: '1000000',
  RATE_LIMIT_PER_MINUTE: '1000000',
  FAILED_AUTHENTICATIONS_PER_MINUTE: '1000000',
} as const;

export interface StackOptions {
  readonly gateways?: number;
  readonly keys?: number;
  readonly dashboards?: number;
  /** A database of the test's own, instead of one on the PostgreSQL of the run. */
  readonly database?: TestDatabase;
  /** A Redis of the test's own; with `direct`, where it is known by another address than its port. */
  readonly redis?: TestRedis;
  /** Users of Redis with their passwords, `name:password`; the default user otherwise. */
  readonly redisUsers?: Readonly<Record<'keys' | 'gateways', string>>;
  /** Nothing lies between the processes and their servers, so that times are right; `network` has no effect then. */
  readonly direct?: boolean;
  /** Further settings, for all processes. */
  readonly env?: Readonly<Record<string, string>>;
}

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

/** What lies between a stack's processes and their servers. */
export interface Network {
  readonly keysToDatabase: TcpProxy;
  readonly keysToRedis: TcpProxy;
  /** What all gateways have in common on their way to Redis. */
  readonly gatewaysToRedis: TcpProxy;
  /** What each gateway passes before that, in the order of the gateways; none for those that are started later. */
  readonly eachGatewayToRedis: readonly TcpProxy[];
  readonly dashboardsToDatabase: TcpProxy;
}

/** Keys and gateways as real processes over real sockets, on a PostgreSQL database and a Redis of their own. */
export class Stack {
  private constructor(
    readonly database: TestDatabase,
    readonly redis: TestRedis,
    readonly keys: readonly KeysProcess[],
    readonly gateways: readonly ServiceProcess[],
    readonly dashboards: readonly ServiceProcess[],
    readonly env: Readonly<Record<string, string>>,
    readonly network: Network,
  ) {}

  static async start({
    gateways = 1,
    keys = 1,
    dashboards = 0,
    env = {},
    direct = false,
    ...given
  }: StackOptions = {}): Promise<Stack> {
    const [database, redis] = await Promise.all([
      given.database ?? makeDatabase(),
      given.redis ?? startRedis(),
    ]);
    const gatewaysToRedis = await TcpProxy.start(redis.port);
    const network = {
      keysToDatabase: await TcpProxy.start(Number(new URL(database.url).port)),
      keysToRedis: await TcpProxy.start(redis.port),
      gatewaysToRedis,
      eachGatewayToRedis: await Promise.all(
        Array.from({ length: gateways }, () => TcpProxy.start(gatewaysToRedis.port)),
      ),
      dashboardsToDatabase: await TcpProxy.start(Number(new URL(database.url).port)),
    };
    const databaseUrlOf = (proxy: TcpProxy): string => {
      const url = new URL(database.url);
      if (!direct) url.port = String(proxy.port);
      return url.href;
    };
    const redisUrlOf = (proxy: TcpProxy, user: string | undefined): string =>
      (direct ? redis.url : proxy.redisUrl).replace('//', user === undefined ? '//' : `//${user}@`);
    const common = { ...TEST_SECRETS, ...UNLIMITED, BCRYPT_COST: '4', ...env };
    const keysEnv = {
      ...common,
      DATABASE_URL: databaseUrlOf(network.keysToDatabase),
      REDIS_URL: redisUrlOf(network.keysToRedis, given.redisUsers?.keys),
    };
    const startedKeys = await Promise.all(Array.from({ length: keys }, () => startKeysProcess(keysEnv)));
    const verifyUrls = startedKeys.map(({ verifyPort }) => `tcp://127.0.0.1:${verifyPort}`);
    const gatewayEnv = {
      ...common,
      KEYS_VERIFY_URL: verifyUrls.join(','),
      REDIS_URL: redisUrlOf(network.gatewaysToRedis, given.redisUsers?.gateways),
    };
    const startedGateways = await Promise.all(
      network.eachGatewayToRedis.map((proxy) =>
        startGatewayProcess({ ...gatewayEnv, REDIS_URL: redisUrlOf(proxy, given.redisUsers?.gateways) }),
      ),
    );
    const dashboardEnv = {
      ...common,
      DASHBOARD_DATABASE_URL: databaseUrlOf(network.dashboardsToDatabase),
      KEYS_MANAGE_URL: startedKeys[0]?.service.url ?? 'http://127.0.0.1:1',
      GATEWAY_URL: startedGateways[0]?.url ?? 'http://127.0.0.1:1',
    };
    const startedDashboards = await Promise.all(
      Array.from({ length: dashboards }, () => startDashboardProcess(dashboardEnv)),
    );
    return new Stack(
      database,
      redis,
      startedKeys,
      startedGateways,
      startedDashboards,
      { ...dashboardEnv, ...gatewayEnv },
      network,
    );
  }

  /** The management API of the first replica, with its credential. */
  get manage(): ManageClient {
    return new ManageClient({ url: this.keysUrl, credential: TEST_SECRETS.KEYS_MANAGE_TOKEN });
  }

  get keysUrl(): string {
    return this.keys[0]?.service.url ?? '';
  }

  get gatewayUrl(): string {
    return this.gateways[0]?.url ?? '';
  }

  get dashboardUrl(): string {
    return this.dashboards[0]?.url ?? '';
  }

  /** A new key of `ownerId`, who is made known first. */
  async issue(ownerId = 'ada', capabilities: readonly string[] = ['desktop:read']): Promise<IssuedKey> {
    await this.manage.putOwner(ownerId, { email: `${ownerId}@example.com` });
    const issued = await this.manage.issue(ownerId, { name: 'Production CI', capabilities });
    noteIssued(issued.token);
    return issued;
  }

  /** Everything that the processes have logged so far. */
  get logs(): string {
    const services = [...this.keys.map(({ service }) => service), ...this.gateways, ...this.dashboards];
    return services.map(({ process }) => process.stdout + process.stderr).join('');
  }

  async stop(): Promise<void> {
    await Promise.all([...this.gateways, ...this.dashboards].map(({ process }) => process.stop()));
    await Promise.all(this.keys.map(({ service }) => service.process.stop()));
    await Promise.all([
      this.redis.stop(),
      this.database.close(),
      ...Object.values(this.network)
        .flat()
        .map((proxy) => proxy.stop()),
    ]);
  }
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

/** An answer, whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Calls `url`, with a key when one is given. */
export async function call(url: string, token?: string, init: RequestInit = {}): Promise<Answer> {
  const authorization: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(url, { ...init, headers: { ...authorization, ...init.headers } });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : JSON.parse(text),
  };
}
