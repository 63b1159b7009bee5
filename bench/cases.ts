import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import bcrypt from 'bcrypt';
import { KeyFormat, newKeyId } from '#libs/key-format';
import { ManageClient } from '#libs/keys-client';
import { MAX_ALLOWED_IPS } from '#libs/keys-contract';
import {
  type RunningProcess,
  TEST_SECRETS,
  type TestDatabase,
  makeDatabase,
  runFolder,
  startRedis,
  uniqueName,
} from '#libs/testing';
import { Proxy } from '../test/gateway/forward-auth/proxies.js';
import { CaseServer } from './case-server.js';
import { OTHER_CORE, SERVER_CORE } from './machine.js';
import { tokenFile } from './tokens.js';
import { MANY, type World } from './world.js';

/** A running case, and what to send to it. */
export interface RunningCase {
  /** The process that is measured. */
  readonly process: RunningProcess;
  readonly url: string;
  /** The path of a file with bearer tokens for the next run. */
  readonly tokens: () => string;
  /** The path of a file with headers and a body to post. */
  readonly post?: string;
  /** How many seconds of warm-up it needs, if more than the others. */
  readonly warmup?: number;
  /** Whether every request must be refused; by default, none may be. */
  readonly refused?: boolean;
  /** Stops the server, and what was started only for it. */
  stop(): Promise<void>;
}

export interface Case {
  readonly name: string;
  readonly title: string;
  /** How many connections, if not as many as for the others. */
  readonly connections?: number;
  start(world: World): Promise<RunningCase>;
}

/** Everything that the closed loop measures, in the order of its rounds. */
export const CASES: readonly Case[] = [
  {
    name: 'a',
    title: 'Nest and Fastify without a guard: the ceiling',
    start: (world) => ours(world, 'unguarded'),
  },
  { name: 'b', title: 'ours, limiter off', start: (world) => ours(world, 'guarded') },
  {
    name: 'b1',
    title: 'ours, a key with one allowed network',
    start: async (world) => ({
      ...(await ours(world, 'guarded')),
      ...always([await keyFrom(world, ['127.0.0.0/8'])]),
    }),
  },
  {
    name: 'b50',
    title: 'ours, a key with 50 allowed networks, of which the last is right',
    start: async (world) => ({
      ...(await ours(world, 'guarded')),
      ...always([await keyFrom(world, [...OTHER_NETWORKS, '127.0.0.0/8'])]),
    }),
  },
  { name: 'c', title: 'ours, limiter on', start: (world) => ours(world, 'guarded', { RATE_LIMIT: 'on' }) },
  { name: 'd0', title: 'a proxy without a guard', start: (world) => proxy(world, 'off') },
  { name: 'd', title: 'the same proxy behind ours', start: (world) => proxy(world, 'on') },
  {
    name: 'e',
    title: 'ours, 10,000 forged keys',
    start: async (world) => ({
      ...(await ours(world, 'guarded')),
      ...always(forgedKeys(MANY)),
      refused: true,
    }),
  },
  {
    name: 'f',
    title: 'ours, a revoked key',
    start: async (world) => ({
      ...(await ours(world, 'guarded')),
      ...always([await revokedKey(world)]),
      refused: true,
    }),
  },
  {
    name: 'g',
    title: 'ours, 10,000 keys in turn',
    // What was cached in the previous round has expired: all keys are verified again before measuring begins.
    start: async (world) => ({
      ...(await ours(world, 'guarded')),
      ...always(await world.knownKeys()),
      warmup: 8,
    }),
  },
  {
    name: 'h',
    title: 'ours, cold: asked at keys every time, verdict known',
    start: async (world) => ({
      ...(await ours(world, 'guarded', { CACHE_SIZE: '1' })),
      ...always(await world.knownKeys()),
    }),
  },
  {
    name: 'i',
    title: 'ours, first use ever: bcrypt at cost 12 in keys',
    // One at a time: on the core that keys shares, several would take longer than a gateway waits.
    connections: 1,
    start: async (world) => {
      const unused = await world.seed(300, 12); // half to warm up, half to measure
      return {
        ...(await ours(world, 'guarded')),
        tokens: () => tokenFile(unused.splice(0, 150)),
      };
    },
  },
  { name: 'j1', title: 'better-auth on PostgreSQL', start: () => betterAuth('off', false) },
  {
    name: 'j2',
    title: 'better-auth on PostgreSQL, rate limit on',
    start: () => betterAuth('on', false),
  },
  {
    name: 'j3',
    title: 'better-auth with Redis and deferred updates',
    start: () => betterAuth('off', true),
  },
  {
    name: 'j4',
    title: 'better-auth with Redis and deferred updates, rate limit on',
    start: () => betterAuth('on', true),
  },
  { name: 'k', title: 'textbook: PostgreSQL and bcrypt at cost 10', connections: 8, start: textbook },
  { name: 'l', title: 'one database read per request', start: readingDatabase },
  {
    name: 'm',
    title: 'our whole gateway, GET /v1/me, with its log',
    start: async (world) => {
      const env = { ...world.env, RATE_LIMIT_PER_MINUTE: '1000000' };
      const { process, url } = await CaseServer.startGateway(env, SERVER_CORE);
      const token = (await world.knownKeys()).slice(0, 1);
      return { ...server(process), url: `${url}/v1/me`, ...always(token) };
    },
  },
  {
    name: 'n',
    title: 'forward auth at our whole gateway, with its log',
    start: async (world) => {
      const { process, internalUrl } = await forwardAuth(world);
      const url = `${internalUrl}/authorize?capability=kb:read`;
      return { ...server(process), url, ...always([await readersKey(world)]) };
    },
  },
  {
    name: 'o',
    title: 'nginx that asks it, on the core of the gateway',
    start: async (world) => {
      const upstream = await CaseServer.start('upstream', {}, OTHER_CORE);
      const { process, internalUrl } = await forwardAuth(world);
      const behind = { gateway: new URL(internalUrl).host, service: new URL(upstream.url).host };
      const nginx = await Proxy.startNginx(behind, 'worker_cpu_affinity 01;');
      return {
        ...server(process, () => Promise.all([nginx.stop(), upstream.process.stop()])),
        url: `${nginx.url}/answer`,
        ...always([await readersKey(world)]),
      };
    },
  },
  {
    name: 'p',
    title: 'our whole gateway, GET /v1/desktops/:id, forwarded',
    start: (world) => forwarding(world, `/v1/desktops/${DESKTOP_ID}`),
  },
  {
    name: 'q',
    title: 'the same as an MCP tool, revision 2026-07-28',
    start: async (world) => ({ ...(await forwarding(world, '/mcp')), post: toolCall('2026-07-28') }),
  },
  {
    name: 'r',
    title: 'the same as an MCP tool, revision 2025-11-25',
    start: async (world) => ({ ...(await forwarding(world, '/mcp')), post: toolCall('2025-11-25') }),
  },
];

const DESKTOP_ID = 'dsk_0123456789abcdef';

/** The whole gateway, with a service behind it. */
async function forwarding(world: World, path: string): Promise<RunningCase> {
  const upstream = await CaseServer.start('upstream', {}, OTHER_CORE);
  const settings = { RATE_LIMIT_PER_MINUTE: '1000000', UPSTREAM_DESKTOPS_URL: upstream.url };
  const { process, url } = await CaseServer.startGateway({ ...world.env, ...settings }, SERVER_CORE);
  const { token } = await manageClient(world).issue('ada', {
    name: 'Reader',
    capabilities: ['desktop:read'],
  });
  return { ...server(process, () => upstream.process.stop()), url: url + path, ...always([token]) };
}

/** The path of a file with the headers and the body of a call, as the official SDK sends them. */
function toolCall(revision: '2026-07-28' | '2025-11-25'): string {
  const headers = {
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    'mcp-protocol-version': revision,
    ...(revision === '2026-07-28' && { 'mcp-method': 'tools/call', 'mcp-name': 'desktops_get' }),
  };
  const meta = {
    'io.modelcontextprotocol/protocolVersion': revision,
    'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const params = { name: 'desktops_get', arguments: { desktopId: DESKTOP_ID } };
  const body = {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { ...params, ...(revision === '2026-07-28' && { _meta: meta }) },
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\n`);
  const file = join(runFolder('load'), uniqueName('tool-call'));
  writeFileSync(file, `${lines.join('')}\n${JSON.stringify(body)}`);
  return file;
}

async function forwardAuth({ env }: World): Promise<CaseServer> {
  const settings = { ...env, RATE_LIMIT_PER_MINUTE: '1000000', FORWARD_AUTH_AUDIENCES: 'reports' };
  return CaseServer.startGateway(settings, SERVER_CORE);
}

/** A server's process, and how to stop what belongs only to it. */
function server(
  process: RunningProcess,
  endBehind: () => Promise<unknown> = () => Promise.resolve(),
): Pick<RunningCase, 'process' | 'stop'> {
  return {
    process,
    stop: async () => {
      await process.stop();
      await endBehind();
    },
  };
}

function always(tokens: readonly string[]): { tokens: () => string } {
  const path = tokenFile(tokens);
  return { tokens: () => path };
}

async function ours(
  world: World,
  name: string,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningCase> {
  const { process, url } = await CaseServer.start(name, { ...world.env, ...env }, SERVER_CORE);
  return { ...server(process), url: `${url}/answer`, ...always((await world.knownKeys()).slice(0, 1)) };
}

async function proxy(world: World, GUARD: 'on' | 'off'): Promise<RunningCase> {
  const upstream = await CaseServer.start('upstream', {}, OTHER_CORE);
  const env = { ...world.env, GUARD, UPSTREAM_URL: upstream.url };
  const { process, url } = await CaseServer.start('proxy', env, SERVER_CORE);
  return {
    ...server(process, () => upstream.process.stop()),
    url: `${url}/answer`,
    ...always((await world.knownKeys()).slice(0, 1)),
  };
}

/** Well-formed, with a correct checksum, and a tag made with another secret. */
export function forgedKeys(count: number): string[] {
  const format = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['a secret that somebody guessed'] });
  return Array.from({ length: count }, () => format.print(newKeyId()).text);
}

async function revokedKey(world: World): Promise<string> {
  const manage = manageClient(world);
  const { token, key } = await manage.issue('ada', { name: 'Leaked', capabilities: ['desktop:read'] });
  await manage.revoke(key.id);
  return token;
}

/** As many as a key may have, but for one. */
const OTHER_NETWORKS = Array.from({ length: MAX_ALLOWED_IPS - 1 }, (_, i) => `198.51.${i}.0/24`);

/** A key that may be used from these networks alone. */
async function keyFrom(world: World, allowedIps: readonly string[]): Promise<string> {
  const request = { name: 'Production CI', capabilities: ['desktop:read'], allowedIps };
  return (await manageClient(world).issue('ada', request)).token;
}

/** A key with the capability that the recipes for forward auth need. */
async function readersKey(world: World): Promise<string> {
  return (await manageClient(world).issue('ada', { name: 'Reader', capabilities: ['kb:read'] })).token;
}

function manageClient({ keys }: World): ManageClient {
  return new ManageClient({ url: keys.service.url, credential: TEST_SECRETS.KEYS_MANAGE_TOKEN });
}

async function betterAuth(RATE_LIMIT: 'on' | 'off', withRedis: boolean): Promise<RunningCase> {
  const database = await makeDatabase();
  const redis = withRedis ? await startRedis() : undefined;
  const env = {
    DATABASE_URL: database.url,
    RATE_LIMIT,
    ...(redis && { REDIS_URL: redis.url }),
  };
  const { process, url } = await CaseServer.start('better-auth', env, SERVER_CORE);
  const key = /^key (.+)$/m.exec(process.stdout)?.[1];
  if (key === undefined) throw new Error('better-auth has created no key');
  const endBehind = (): Promise<unknown> => Promise.all([redis?.stop(), database.close()]);
  return { ...server(process, endBehind), url: `${url}/answer`, ...always([key]) };
}

async function textbook(): Promise<RunningCase> {
  const database = await databaseWith(
    'CREATE TABLE textbook_keys (id text PRIMARY KEY, hash text, owner text, revoked_at timestamptz)',
  );
  const [id, secret] = [randomBytes(8).toString('hex'), randomBytes(24).toString('hex')];
  await database.query('INSERT INTO textbook_keys VALUES ($1, $2, $3)', [
    id,
    await bcrypt.hash(secret, 10),
    'ada',
  ]);
  const { process, url } = await CaseServer.start('textbook', { DATABASE_URL: database.url }, SERVER_CORE);
  return { ...server(process, () => database.close()), url: `${url}/answer`, ...always([`${id}.${secret}`]) };
}

async function readingDatabase(): Promise<RunningCase> {
  const database = await databaseWith(
    'CREATE TABLE hashed_keys (digest bytea PRIMARY KEY, owner text, revoked_at timestamptz)',
  );
  const tokens = Array.from({ length: MANY }, () => randomBytes(32).toString('hex'));
  await database.query(
    `INSERT INTO hashed_keys SELECT sha256(token::bytea), 'ada' FROM unnest($1::text[]) AS token`,
    [tokens],
  );
  const { process, url } = await CaseServer.start(
    'reading-database',
    { DATABASE_URL: database.url },
    SERVER_CORE,
  );
  return { ...server(process, () => database.close()), url: `${url}/answer`, ...always(tokens) };
}

async function databaseWith(table: string): Promise<TestDatabase> {
  const database = await makeDatabase();
  await database.query(table);
  return database;
}
