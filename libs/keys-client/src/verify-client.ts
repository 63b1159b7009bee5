import * as z from 'zod/mini';
import type { GenuineKey } from '#libs/key-format';
import {
  ACTIVITY_PATTERN,
  type ActivityReport,
  CATALOGUE_PATTERN,
  type CatalogueNames,
  EXPOSED_PATTERN,
  type ExposureAnswer,
  type ExposureReport,
  READY_PATTERN,
  type ReportedActivity,
  type Restriction,
  TAG_SECRETS_PATTERN,
  type TagSecrets,
  USED_PATTERN,
  type UsedReport,
  type Uses,
  VERIFY_PATTERN,
  type VerifyAnswer,
  type VerifyQuestion,
  catalogueNamesSchema,
  exposureAnswerSchema,
  tagSecretsSchema,
  verifyAnswerSchema,
} from '#libs/keys-contract';
import type { Step, Tracing } from '#libs/tracing';
import { type Resolve, nameOf, parseEndpoints, resolveEndpoints } from './endpoints.js';
import { Replicas } from './replicas.js';
import { ReportRefused, errorFrom } from './report-refused.js';
import { RpcConnection } from './rpc-connection.js';
import { sharedTexts } from './shared-texts.js';

export interface VerifyClientOptions {
  /**
   * Where keys listens: `tcp://keys:3002`, or `tls://keys:3002`; several separated by commas. A name that resolves to
   * several addresses stands for several replicas.
   */
  readonly url: string;
  /** The token of the verification RPC. */
  readonly credential: string;
  /** Certificates (PEM) to trust instead of the system's, for `tls://`. */
  readonly ca?: string;
  /** How long one replica may take, in milliseconds. */
  readonly timeoutMs?: number;
  /** Resolves names. Default: the system's resolver. */
  readonly resolve?: Resolve;
  /** Traces the questions. */
  readonly tracing?: Tracing;
}

/** The result of a question: the answer of keys, or that none of its replicas answered. */
export type Verification = VerifyAnswer | { readonly outcome: 'unavailable'; readonly cause: unknown };

/** Where a key was found, and who says so. */
export type Sighting = Pick<ExposureReport, 'source' | 'url' | 'address' | 'requestId'>;

/** The result of reporting a key: the answer of keys, or that no replica can say what it has done. */
export type Exposure = ExposureAnswer | { readonly outcome: 'unavailable'; readonly cause: Error };

/**
 * What keys tells about its setup. `unknown`: it is of a version that cannot tell. `unavailable`: none of its replicas
 * answered.
 */
export type Told<T extends object> =
  | ({ readonly outcome: 'known' } & T)
  | { readonly outcome: 'unknown' }
  | { readonly outcome: 'unavailable'; readonly cause: Error };

/** Compiled, which takes less than half the time: a gateway reads thousands of answers per second. */
const answerSchema = z.compile(verifyAnswerSchema);

/** The most replicas that are tried for one question. */
const TRIES = 3;

/** What those who ask have to enforce themselves: it is in the principal. */
const ENFORCES: readonly Restriction[] = ['allowedIps'];

/** Why no replica was asked. */
const UNRESOLVED = 'the address of the keys service does not resolve';

/** What Nest's server answers to a pattern that no handler of its version has. */
const UNKNOWN_PATTERN = 'There is no matching message handler defined in the remote service.';

/** How long a replica may take to write a report, in milliseconds: only a process that is stopping waits for it. */
const REPORT_TIMEOUT_MS = 2000;

/** How long a replica may take to revoke a key, in milliseconds: longer than the lifetime of caches. */
const REVOKE_TIMEOUT_MS = 20_000;

/**
 * Asks keys about a key. Questions about one key go to one replica while it answers, so that its first, expensive
 * verification runs on only one of them; after an error or a timeout the next is asked, which is safe since a question
 * changes nothing.
 */
export class VerifyClient {
  readonly #credential: string;
  readonly #timeoutMs: number;
  readonly #replicas: Replicas<RpcConnection>;
  readonly #tracing: Tracing | undefined;

  constructor({ url, credential, ca, timeoutMs = 1000, resolve, tracing }: VerifyClientOptions) {
    this.#tracing = tracing;
    this.#credential = credential;
    this.#timeoutMs = timeoutMs;
    const endpoints = parseEndpoints(url);
    this.#replicas = new Replicas({
      find: async () => {
        const addresses = await resolveEndpoints(endpoints, resolve);
        return new Map(
          addresses.map((address) => {
            const name = nameOf(address);
            // A replica that closes the connection is about to stop: it is tried last, before a question has to wait for it.
            const onClose = (): void => this.#replicas.failed(name);
            return [name, () => new RpcConnection({ address, ca, onClose })];
          }),
        );
      },
    });
  }

  /** Whether the key is valid now; `log` is the identity of the followed revocation log. Never rejects. */
  verify(key: GenuineKey, log: string | null): Promise<Verification> {
    if (this.#tracing === undefined) return this.#verify(key, log);
    return this.#tracing.ask(stepOf(key), (traceparent) => this.#verify(key, log, traceparent));
  }

  async #verify(key: GenuineKey, log: string | null, traceparent?: string): Promise<Verification> {
    const question: VerifyQuestion = {
      credential: this.#credential,
      key: key.text,
      log,
      enforces: ENFORCES,
      ...(traceparent !== undefined && { traceparent }),
    };
    let cause: unknown;
    for (const { name, connection } of (await this.#replicas.inOrder(key.id)).slice(0, TRIES)) {
      try {
        const answer = await connection.request(VERIFY_PATTERN, question, this.#timeoutMs);
        return withSharedCapabilities(answerSchema.parse(answer));
      } catch (err) {
        this.#replicas.failed(name);
        cause = errorFrom(err);
      }
    }
    return { outcome: 'unavailable', cause: cause ?? new Error(UNRESOLVED) };
  }

  /**
   * Reports which keys were used. Resolves once a replica has written it; rejects if none has, with a {@link ReportRefused}
   * if none ever will.
   */
  report(uses: Uses): Promise<void> {
    const message: UsedReport = { credential: this.#credential, uses };
    return this.#tell(USED_PATTERN, message, Object.keys(uses)[0]);
  }

  /** Reports what keys were used for, like {@link report}. */
  reportActivity(activity: readonly ReportedActivity[]): Promise<void> {
    const message: ActivityReport = { credential: this.#credential, activity };
    return this.#tell(ACTIVITY_PATTERN, message, activity[0]?.keyId);
  }

  /**
   * Reports a key that others have seen, if it is one. With `revoked`, no gateway accepts it any more. Never rejects. Another
   * replica is asked after an error, since the same report again changes nothing.
   */
  async reportExposure(key: GenuineKey, sighting: Sighting): Promise<Exposure> {
    const message: ExposureReport = { credential: this.#credential, key: key.text, ...sighting };
    let cause = new Error(UNRESOLVED);
    for (const { connection } of (await this.#replicas.inOrder(key.id)).slice(0, TRIES)) {
      try {
        return exposureAnswerSchema.parse(
          await connection.request(EXPOSED_PATTERN, message, REVOKE_TIMEOUT_MS),
        );
      } catch (err) {
        cause = errorFrom(err);
      }
    }
    return { outcome: 'unavailable', cause };
  }

  async #tell(pattern: string, message: object, keyId = ''): Promise<void> {
    let cause: unknown;
    const replicas = await this.#replicas.inOrder(keyId);
    for (const { connection } of replicas.slice(0, TRIES)) {
      try {
        if ((await connection.request(pattern, message, REPORT_TIMEOUT_MS)) === true) return;
      } catch (err) {
        // A replica that is slow to write may still verify quickly, so questions go to it as before.
        cause = errorFrom(err);
        if (cause instanceof ReportRefused) throw cause;
      }
    }
    throw new Error('no replica of keys has written what was reported', { cause });
  }

  /** The capabilities of the catalogue, in its order. Never rejects. */
  catalogue(): Promise<Told<CatalogueNames>> {
    return this.#askAny(CATALOGUE_PATTERN, catalogueNamesSchema);
  }

  /** Fingerprints of the tag secrets of keys: see `KeyFormat`. Never rejects. */
  tagSecrets(): Promise<Told<TagSecrets>> {
    return this.#askAny(TAG_SECRETS_PATTERN, tagSecretsSchema);
  }

  async #askAny<T extends object>(pattern: string, schema: z.ZodMiniType<T>): Promise<Told<T>> {
    let result: Told<T> = { outcome: 'unavailable', cause: new Error(UNRESOLVED) };
    for (const { connection } of await this.#replicas.inOrder('')) {
      try {
        const answer = await connection.request(pattern, { credential: this.#credential }, this.#timeoutMs);
        return { outcome: 'known', ...schema.parse(answer) };
      } catch (err) {
        // During an update, the next replica may be one that can tell.
        if (err === UNKNOWN_PATTERN) result = { outcome: 'unknown' };
        else if (result.outcome === 'unavailable') result = { outcome: 'unavailable', cause: errorFrom(err) };
      }
    }
    return result;
  }

  /** Whether at least one replica says that it can verify. */
  async isReady(): Promise<boolean> {
    const replicas = await this.#replicas.inOrder('');
    const answers = replicas.map(async ({ connection }) => {
      const question = { credential: this.#credential };
      if ((await connection.request(READY_PATTERN, question, this.#timeoutMs)) !== true)
        throw new Error('not ready');
    });
    return Promise.any(answers).then(
      () => true,
      () => false,
    );
  }

  close(): void {
    this.#replicas.close();
  }
}

/** A gateway holds thousands of answers, with few lists of capabilities among them. */
function withSharedCapabilities(answer: VerifyAnswer): VerifyAnswer {
  if (answer.outcome !== 'valid') return answer;
  const capabilities = sharedTexts(answer.principal.capabilities);
  return { ...answer, principal: { ...answer.principal, capabilities } };
}

function stepOf({ id }: GenuineKey): Step<Verification> {
  return {
    name: VERIFY_PATTERN,
    attributes: { 'rpc.system.name': 'nestjs_tcp', 'rpc.method': VERIFY_PATTERN, 'le_bureau.key.id': id },
    describeResult: ({ outcome }) => ({
      attributes: { 'le_bureau.outcome': outcome },
      hasFailed: outcome === 'unavailable' || outcome === 'busy',
    }),
  };
}
