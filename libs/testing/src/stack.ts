import { ManageClient } from '#libs/keys-client';
import type { IssuedKey } from '#libs/keys-contract';
import { type TestDatabase, makeDatabase, makeKeysDatabase } from './database.js';
import { type TestRedis, startRedis } from './redis.js';
import { noteIssued } from './run-folder.js';
import {
  type KeysProcess,
  type ServiceProcess,
  startDashboardProcess,
  startGatewayProcess,
  startKeysProcess,
} from './service-process.js';
import { TcpProxy } from './tcp-proxy.js';
import { TEST_SECRETS } from './test-secrets.js';

/** Tests may call as often as they like, unless they are about limits. */
const UNLIMITED = {
  SIGN_INS_PER_MINUTE: '1000000',
  RATE_LIMIT_PER_MINUTE: '1000000',
  FAILED_AUTHENTICATIONS_PER_MINUTE: '1000000',
} as const;

export interface StackOptions {
  readonly gateways?: number;
  readonly keys?: number;
  readonly dashboards?: number;
  /** A database of the test, instead of one on the run's PostgreSQL. */
  readonly database?: TestDatabase;
  /** A Redis of the test; with `direct`, under another address than its port. */
  readonly redis?: TestRedis;
  /** Users of Redis with their passwords, `name:password`. Default: the default user. */
  readonly redisUsers?: Readonly<Record<'keys' | 'gateways', string>>;
  /** No proxies between the processes and their servers, so that times are accurate; `network` has no effect then. */
  readonly direct?: boolean;
  /** Where another version is compiled, of which the processes are; this one by default. */
  readonly dist?: string;
  /** Further settings, for all processes. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The proxies between a stack's processes and their servers. */
export interface Network {
  readonly keysToDatabase: TcpProxy;
  readonly keysToRedis: TcpProxy;
  /** All gateways' way to Redis. */
  readonly gatewaysToRedis: TcpProxy;
  /** Each gateway's part of that way, in the order of the gateways; none for those that are started later. */
  readonly eachGatewayToRedis: readonly TcpProxy[];
  readonly dashboardsToDatabase: TcpProxy;
}

/** Keys and gateways as real processes over real sockets, with their own PostgreSQL database and Redis. */
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
      // The processes of another version create their own tables.
      given.database ?? (given.dist === undefined ? makeKeysDatabase() : makeDatabase()),
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
    const databaseUrlOf = (proxy: TcpProxy, of = database.url): string => {
      const url = new URL(of);
      if (!direct) url.port = String(proxy.port);
      return url.href;
    };
    const redisUrlOf = (proxy: TcpProxy, user: string | undefined): string =>
      (direct ? redis.url : proxy.redisUrl).replace('//', user === undefined ? '//' : `//${user}@`);
    const common = { ...TEST_SECRETS, ...UNLIMITED, BCRYPT_COST: '4', ...env };
    const keysEnv = {
      ...common,
      DATABASE_URL: databaseUrlOf(network.keysToDatabase, database.servingUrl),
      REDIS_URL: redisUrlOf(network.keysToRedis, given.redisUsers?.keys),
    };
    const startedKeys = await Promise.all(
      Array.from({ length: keys }, () => startKeysProcess(keysEnv, given.dist)),
    );
    const verifyUrls = startedKeys.map(({ verifyPort }) => `tcp://127.0.0.1:${verifyPort}`);
    const gatewayEnv = {
      ...common,
      KEYS_VERIFY_URL: verifyUrls.join(','),
      REDIS_URL: redisUrlOf(network.gatewaysToRedis, given.redisUsers?.gateways),
    };
    const startedGateways = await Promise.all(
      network.eachGatewayToRedis.map((proxy) =>
        startGatewayProcess(
          { ...gatewayEnv, REDIS_URL: redisUrlOf(proxy, given.redisUsers?.gateways) },
          given.dist,
        ),
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

  /** The management API of the first replica, with its token. */
  get manage(): ManageClient {
    const credential = TEST_SECRETS.KEYS_MANAGE_TOKEN;
    // A busy machine may need long.
    return new ManageClient({ url: this.keysUrl, credential, timeoutMs: 120_000 });
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

  /** A new key of `ownerId`, who is created first. */
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
