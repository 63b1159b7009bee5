import { type IssuedKey, ManageClient } from '#libs/keys-client';
import { type TestDatabase, makeDatabase } from './database.js';
import { type TestRedis, freePort, startRedis } from './redis.js';
import { noteIssued } from './run-folder.js';
import { type RunningProcess, startProgram } from './running-process.js';
import { TcpProxy } from './tcp-proxy.js';

/** The credentials of every stack that a test starts. */
export const TEST_SECRETS = {
  KEYS_MANAGE_TOKEN: 'the-manage-token-of-the-tests-0123456789',
  KEYS_VERIFY_TOKEN: 'the-verify-token-of-the-tests-0123456789',
  KEY_TAG_SECRET: 'the-tag-secret-of-the-tests-0123456789ab',
} as const;

export interface StackOptions {
  readonly gateways?: number;
  readonly keys?: number;
  /** Further settings, for all processes. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A service as a process of its own. */
export interface ServiceProcess {
  readonly url: string;
  readonly process: RunningProcess;
}

/** Keys and gateways as real processes over real sockets, on a PostgreSQL database and a Redis of their own. */
export class Stack {
  private constructor(
    readonly database: TestDatabase,
    readonly redis: TestRedis,
    readonly keys: readonly (ServiceProcess & { readonly verifyPort: number })[],
    readonly gateways: readonly ServiceProcess[],
    readonly env: Readonly<Record<string, string>>,
    /** What lies between keys and PostgreSQL. */
    readonly databaseNetwork: TcpProxy,
  ) {}

  static async start({ gateways = 1, keys = 1, env = {} }: StackOptions = {}): Promise<Stack> {
    const [database, redis] = await Promise.all([makeDatabase(), startRedis()]);
    const databaseUrl = new URL(database.url);
    const databaseNetwork = await TcpProxy.start({
      host: databaseUrl.hostname,
      port: Number(databaseUrl.port),
    });
    databaseUrl.port = String(databaseNetwork.port);
    const common = { ...TEST_SECRETS, REDIS_URL: redis.url, BCRYPT_COST: '4', ...env };
    const startedKeys = await Promise.all(
      Array.from({ length: keys }, () => startKeysProcess({ ...common, DATABASE_URL: databaseUrl.href })),
    );
    const verifyUrls = startedKeys.map(({ verifyPort }) => `tcp://127.0.0.1:${verifyPort}`);
    const gatewayEnv = { ...common, KEYS_VERIFY_URL: verifyUrls.join(',') };
    const startedGateways = await Promise.all(
      Array.from({ length: gateways }, () => startGatewayProcess(gatewayEnv)),
    );
    return new Stack(database, redis, startedKeys, startedGateways, gatewayEnv, databaseNetwork);
  }

  /** The manage door of the first replica, with its credential. */
  get manage(): ManageClient {
    return new ManageClient({ url: this.keysUrl, credential: TEST_SECRETS.KEYS_MANAGE_TOKEN });
  }

  get keysUrl(): string {
    return this.keys[0]?.url ?? '';
  }

  get gatewayUrl(): string {
    return this.gateways[0]?.url ?? '';
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
    return [...this.keys, ...this.gateways].map(({ process }) => process.stdout + process.stderr).join('');
  }

  async stop(): Promise<void> {
    await Promise.all(this.gateways.map(({ process }) => process.stop()));
    await Promise.all(this.keys.map(({ process }) => process.stop()));
    await Promise.all([this.redis.stop(), this.database.close(), this.databaseNetwork.stop()]);
  }
}

export async function startKeysProcess(
  env: Readonly<Record<string, string>>,
): Promise<ServiceProcess & { readonly verifyPort: number }> {
  const [managePort, verifyPort] = [await freePort(), await freePort()];
  const process = startProgram('apps/keys/src/main.js', {
    KEYS_HOST: '127.0.0.1',
    KEYS_MANAGE_PORT: String(managePort),
    KEYS_VERIFY_PORT: String(verifyPort),
    ...env,
  });
  await process.says('keys is ready');
  return { url: `http://127.0.0.1:${managePort}`, verifyPort, process };
}

export async function startGatewayProcess(env: Readonly<Record<string, string>>): Promise<ServiceProcess> {
  const port = await freePort();
  const process = startProgram('apps/gateway/src/main.js', {
    GATEWAY_HOST: '127.0.0.1',
    GATEWAY_PORT: String(port),
    ...env,
  });
  await process.says('gateway is ready');
  return { url: `http://127.0.0.1:${port}`, process };
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
