import 'reflect-metadata';
import { Socket } from 'node:net';
import { parse } from 'node:querystring';
import type { Type } from '@nestjs/common';
import { RpcException } from '@nestjs/microservices';
import fc from 'fast-check';
import { z } from 'zod';
import { dashboardSettings } from '../../../apps/dashboard/src/dashboard-settings.js';
import { isCommonPassword } from '../../../apps/dashboard/src/sign-in/common-password.js';
import { betterAuthUrl } from '../../../apps/dashboard/src/sign-in/better-auth-url.js';
import { AuthorizeQueries } from '../../../apps/gateway/src/forward-auth/authorize-query.js';
import { headersToUpstream } from '../../../apps/gateway/src/forwarding/passed-headers.js';
import { gatewaySettings } from '../../../apps/gateway/src/gateway-settings.js';
import { UpdateScheduleBody } from '../../../apps/gateway/src/schedules/requests.js';
import { keysSettings } from '../../../apps/keys/src/keys-settings.js';
import { IDEMPOTENCY_KEY_SHAPE } from '../../../apps/keys/src/management-api/fields.js';
import { ExpireKeyBody } from '../../../apps/keys/src/management-api/requests.js';
import { AuthenticatingSocket } from '../../../apps/keys/src/verification-rpc/authenticating-socket.js';
import { VerifyQuestionPipe } from '../../../apps/keys/src/verification-rpc/verify-question.pipe.js';
import { secretsSettings } from '../../../apps/provision-secrets/src/secrets-settings.js';
import { readCredentials } from '../../../libs/key-verifier/src/authentication/credentials.js';
import { networkOf } from '../../../libs/client-address/src/client-address.js';
import { FramedSocket } from '../../../libs/keys-client/src/framed-socket.js';
import { sentinelsIn } from '../../../libs/redis/src/sentinels.js';
import { loggedPath } from '../../../libs/service/src/logged-path.js';
import { isPlainBody } from '../../../libs/service/src/plain-body.js';
import { IdentityVerifier } from '../../../libs/signed-identity/src/identity-verifier.js';
import { spanIn } from '../../../libs/tracing/src/traceparent.js';
import { validated } from '#libs/fields';
import { KeyFormat, findKeyId } from '#libs/key-format';
import { ProblemException } from '#libs/problems';
import { NestLog, createLog } from '#libs/service';
import { SettingsError, readSettings } from '#libs/settings';
import { IdentitySigner } from '#libs/signed-identity/signing';
import { requests } from './dto.js';
import { hostileText } from './hostile-text.js';

/** The maximum number of characters that Node reads of a request's first line and headers. */
const HEADERS = 16 * 1024;

/** The maximum processor time for a stranger's text, in milliseconds. */
const LIMIT_MS = 2;

/** The same for what operators write, which is read once. */
const SETTING_LIMIT_MS = 50;

/** The same for a document of theirs, most of which is no YAML here. */
const DOCUMENT_LIMIT_MS = 500;

/** The signs of YAML. */
const YAML = [
  ...'[]{}&*!|>%@`#,?:-',
  '- ',
  '? ',
  ': ',
  'a: ',
  '{a: ',
  '[{',
  '{},',
  '<<: *a',
  '\n',
  '\n  ',
  '"',
  "'",
  '---\n',
];

/** Something that reads texts from strangers. */
export interface Reader {
  readonly name: string;
  /** The maximum processor time for one text, in milliseconds. */
  readonly limitMs: number;
  /** How many texts it is given. */
  readonly times: number;
  /** Lets `judge` call the reader for each text; returns the first for which `judge` has thrown, if any. */
  readonly check: (judge: (read: () => unknown) => Promise<void>) => Promise<string | undefined>;
}

/** How many texts are read before it counts, so that compilation is not measured. */
const WARM_UP = 1000;

function reader<T>(
  name: string,
  times: number,
  texts: fc.Arbitrary<T>,
  read: (text: T) => unknown,
  limitMs = LIMIT_MS,
): Reader {
  return {
    name,
    limitMs,
    times,
    check: async (judge) => {
      for (const text of fc.sample(texts, WARM_UP)) await read(text);
      const property = fc.asyncProperty(texts, (text) => judge(() => read(text)));
      const details = await fc.check(property, { numRuns: times });
      return details.failed ? fc.defaultReportMessage(details)?.slice(0, 3000) : undefined;
    },
  };
}

const log = createLog({
  service: 'gateway',
  level: 'debug',
  secrets: ['the-verify-token-of-the-tests-0123456789', 'a"quoted"-secret-of-the-tests-0123456789'],
  destination: { write: () => undefined },
});
const nest = new NestLog(log);
const format = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['the-tag-secret-of-the-tests-0123456789ab'] });
const signer = await IdentitySigner.from(['the-identity-secret-of-the-tests-0123456']);
const identity = new IdentityVerifier({ jwks: signer.jwks() });
const pipe = validated();
const ORIGIN = 'https://keys.example.com';
/** Fastify's parser leaves what it cannot decode as it is. */
const asItIs = (text: string): string => text;
const question = new VerifyQuestionPipe();

const framed = (content: unknown): string => {
  const text = JSON.stringify(content);
  return `${text.length}#${text}`;
};
const streams = fc.oneof(
  hostileText(HEADERS),
  hostileText(HEADERS / 2).map((text) => framed({ pattern: text, data: { key: text, log: null }, id: text })),
  fc
    .array(hostileText(100).map((key) => framed({ id: '1', data: { key, log: key } })))
    .map((frames) => frames.join('')),
  fc.tuple(fc.nat(9999), hostileText(100)).map(([length, text]) => `${length}#${text}`),
);

/** Lets the socket receive the text in pieces of `length` bytes, at most 200 of them, and closes it. */
function emitInPieces(socket: Socket, text: string, length: number): void {
  const bytes = Buffer.from(text);
  const step = Math.max(length, Math.ceil(bytes.length / 200));
  for (let at = 0; at < bytes.length; at += step) socket.emit('data', bytes.subarray(at, at + step));
  socket.destroy();
}

const authorizeQueries = new AuthorizeQueries(['reports']);

const settings = z.object({
  ...gatewaySettings.shape,
  ...keysSettings.shape,
  ...dashboardSettings.shape,
  ...secretsSettings.shape,
});

/** Runs `read`, which may throw this error. */
function unless(refusal: new (...args: never[]) => Error, read: () => unknown): unknown {
  try {
    return read();
  } catch (err) {
    if (!(err instanceof refusal)) throw err;
    return err;
  }
}

async function validate(value: unknown, dto: Type): Promise<void> {
  try {
    await pipe.transform(value, { type: 'body', metatype: dto });
  } catch (err) {
    if (!(err instanceof ProblemException)) throw err;
    err.textFor('/', undefined);
  }
}

/** All of them. */
export const READERS: readonly Reader[] = [
  reader('a path in the log', 10_000, hostileText(HEADERS), (text) =>
    log.info({ path: loggedPath(`/${text}`) }, 'request'),
  ),
  reader('an error in the log', 10_000, hostileText(HEADERS), (text) => {
    nest.error(new Error(`cannot read ${text}`));
  }),
  reader('a message of Nest in the log', 5000, hostileText(HEADERS), (text) =>
    nest.error(text, 'stack', 'Server'),
  ),
  reader('an Authorization header', 10_000, hostileText(HEADERS), (authorization) => {
    const rawHeaders = ['Authorization', authorization];
    const credentials = readCredentials({ url: '/v1/me', headers: { authorization }, rawHeaders }, 'sk_live');
    if (credentials.outcome === 'bearer') format.read(credentials.token);
    findKeyId(authorization);
  }),
  reader('a key', 5000, hostileText(HEADERS), (text) => format.read(text)),
  reader('an address', 10_000, hostileText(HEADERS), (query) =>
    readCredentials({ url: `/v1/me?${query}`, headers: {}, rawHeaders: [] }, 'sk_live'),
  ),
  reader(
    'an address for better-auth',
    2000,
    hostileText(HEADERS, '%ff', '&', '=', '%', 'a', '%41', '[]'),
    (query) =>
      betterAuthUrl(
        {
          path: '/callback/oidc',
          query: parse(query, '&', '=', { maxKeys: 0, decodeURIComponent: asItIs }),
        },
        ORIGIN,
      ).searchParams.get('code'),
  ),
  reader('a traceparent', 2000, hostileText(HEADERS), (text) => spanIn(`00-${text}`)),
  reader('the address of a client', 2000, hostileText(HEADERS), (text) => networkOf(text)),
  reader('an Idempotency-Key', 2000, hostileText(HEADERS), (text) => IDEMPOTENCY_KEY_SHAPE.test(text)),
  reader('the headers for a service', 2000, hostileText(HEADERS), (text) =>
    headersToUpstream({ id: 'x', ip: text, headers: { connection: text, 'user-agent': text } }),
  ),
  reader('a query of a proxy', 2000, hostileText(HEADERS, '&capability=', '&route=/', '&uri='), (text) => {
    const { query } = authorizeQueries.read(`/authorize?${text}`);
    if (typeof query !== 'string') query.routeFor(text);
  }),
  reader('a signed identity', 2000, hostileText(HEADERS), (text) => identity.verify(text, 'desktops')),
  reader('bodies, queries and parameters', 10_000, requests, ({ dto, value }) =>
    isPlainBody(value) ? validate(value, dto) : undefined,
  ),
  reader('a cron expression', 2000, hostileText(120, '1', '12', 'jan', '*', ',', '*/', '-', ' '), (cron) =>
    validate({ cron }, UpdateScheduleBody),
  ),
  reader('a time zone', 2000, hostileText(70, 'Etc', '/', '+', 'A', '_', 'UTC', 'Europe/', '1'), (timeZone) =>
    validate({ timeZone }, UpdateScheduleBody),
  ),
  reader('a moment', 1000, hostileText(70, '2027-', '01', '-', 'T', ':', '.', '0', 'Z', '+'), (expiresAt) =>
    validate({ expiresAt }, ExpireKeyBody),
  ),
  reader(
    'the verification RPC, in any pieces',
    10_000,
    fc.tuple(streams, fc.integer({ min: 1, max: 70_000 })),
    ([stream, length]) => {
      const socket = new Socket();
      const connection = new FramedSocket(socket, (message) => {
        const isPacket = typeof message === 'object' && message !== null && 'data' in message;
        return unless(RpcException, () => question.transform(isPacket ? message.data : undefined));
      });
      socket.on('error', () => undefined);
      socket.on('data', (data) => connection.receive(data));
      emitInPieces(socket, stream, length);
    },
  ),
  reader(
    'the verification RPC before a credential, in any pieces',
    5000,
    fc.tuple(streams, fc.integer({ min: 1, max: 70_000 })),
    ([stream, length]) => {
      const socket = new Socket();
      const connection = new AuthenticatingSocket(socket, {
        accepts: (credential) => credential === 'the-verify-token-of-the-tests-0123456789',
        onAuthenticated: () => undefined,
      });
      connection.on('error', () => undefined);
      socket.on('error', () => undefined);
      emitInPieces(socket, stream, length);
    },
  ),
  reader('a password', 1000, fc.tuple(hostileText(128), hostileText(254)), ([password, email]) =>
    isCommonPassword(password, email),
  ),
  reader(
    'settings',
    4500,
    fc.tuple(fc.constantFrom(...Object.keys(settings.omit({ CATALOGUE: true }).shape)), hostileText(HEADERS)),
    ([name, text]) => {
      sentinelsIn(text);
      unless(SettingsError, () => readSettings(settings, { [name]: text }));
    },
    SETTING_LIMIT_MS,
  ),
  reader(
    'a catalogue',
    500,
    hostileText(HEADERS, ...YAML),
    (text) => unless(SettingsError, () => readSettings(settings, { CATALOGUE: text })),
    DOCUMENT_LIMIT_MS,
  ),
];
