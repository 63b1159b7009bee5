import type { ServerResponse } from 'node:http';
import type { Principal } from '#libs/keys-contract';
import type { Admission, GuardedRequest } from './admission/admission.js';
import { optionalCallerOf } from './admission/caller.js';
import { type DeclaredRoute, type Declaration, namedCapabilities } from './admission/declaration.js';
import { routeName } from './admission/route-name.js';
import type { GuardStats } from './guard-stats.js';
import { KeyVerifier } from './key-verifier.js';
import type { Log } from './log.js';
import type { VerifierOptions } from './options.js';
import { checkOptions, verifierOptions } from './parse-options.js';

/** What a request needs: by default, any valid key. At most one of these. */
export interface Needs {
  /** A key that has all of these capabilities. */
  readonly capabilities?: readonly string[];
  /** A key that has at least one of these capabilities. */
  readonly anyOf?: readonly string[];
  /** No key; but one that is sent must be valid. */
  readonly optional?: boolean;
}

/** A request of any framework. Node's `IncomingMessage` fits. */
export interface AnyRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly rawHeaders?: readonly string[];
  /** Whose request it is, for limits and activity. Default: the address of its socket. Behind a proxy, pass the client's. */
  readonly ip?: string | undefined;
  readonly socket?: { readonly remoteAddress?: string | undefined };
}

/** How a request is verified. */
export interface VerifyOptions extends Needs {
  /** The name of its route in the key's activity. Default: its method and `/*`. */
  readonly route?: string;
  /**
   * Node's response. With it, a response that is still being sent is cut off when the key is revoked, counts as an open
   * request until it is over, and is recorded with its status. Without it, the request is over at once, with the status 200.
   */
  readonly response?: ServerResponse;
}

/** Whether a request may go on. Send the headers in either case. */
export type Verdict =
  /** `caller`: undefined without a key where that is optional. */
  | {
      readonly outcome: 'admitted';
      readonly caller: Principal | undefined;
      readonly headers: Readonly<Record<string, string>>;
    }
  /** Respond with this: `application/problem+json`, in `body`. `reason`: for the log, and not for the public. */
  | {
      readonly outcome: 'refused';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
      readonly reason: string;
    };

/** Verifies the keys of requests. Close it once the last request is finished. */
export interface RequestVerifier {
  /** Whether a request may go on. Rejects only if this code is wrong. */
  verify(request: AnyRequest, options?: VerifyOptions): Promise<Verdict>;
  /** What an adapter to a framework needs: see `express` and `fastify`. */
  readonly admission: Admission;
  /** A route that needs this, for {@link Admission}. */
  route(needs: Needs): DeclaredRoute;
  readonly log: Log;
  readonly stats: GuardStats;
  close(): Promise<void>;
}

/**
 * Connects to keys and to the revocations, and verifies requests from then on, also while either is unavailable. Throws an
 * `OptionsError` that names each mistake in the options. It logs to the console unless told where.
 */
export async function createVerifier({
  log = CONSOLE,
  ...options
}: VerifierOptions & { readonly log?: Log }): Promise<RequestVerifier> {
  checkOptions(verifierOptions, options);
  return requestVerifier(await KeyVerifier.open(options, log), log);
}

/** The face of an engine, which it starts. */
export function requestVerifier(engine: KeyVerifier, log: Log): RequestVerifier {
  engine.start();
  const { admission, stats, setup } = engine;
  const route = (needs: Needs): DeclaredRoute => {
    const declaration = declarationOf(needs);
    setup.declare(`the code that needs ${namedCapabilities(declaration).join(', ')}`, declaration);
    return { name: 'ANY /*', hasManyNames: true, declaration };
  };
  return {
    verify: (request, given = {}) => verify(admission, request, given),
    admission,
    route,
    log,
    stats,
    close: async () => {
      await engine.leave();
      await engine.stop();
    },
  };
}

async function verify(
  admission: Admission,
  request: AnyRequest,
  { route, response, ...needs }: VerifyOptions,
): Promise<Verdict> {
  const { method = 'GET', url = '', headers, rawHeaders, ip = request.socket?.remoteAddress } = request;
  const guarded: GuardedRequest = { url, headers, ip, ...(rawHeaders !== undefined && { rawHeaders }) };
  const told: Record<string, string> = { 'cache-control': 'no-store' };
  const declared = {
    name: route ?? routeName(method, '/*'),
    hasManyNames: false,
    declaration: declarationOf(needs),
  };
  const refused = await admission.admit(declared, guarded, {
    raw: response,
    header: (name, value) => (told[name] = value),
  });
  if (refused === undefined) return { outcome: 'admitted', caller: optionalCallerOf(guarded), headers: told };
  return {
    outcome: 'refused',
    status: refused.problem.status,
    headers: { ...told, ...refused.headers, 'content-type': 'application/problem+json' },
    body: refused.textFor(url.split('?', 1)[0] ?? '', undefined),
    reason: refused.reason,
  };
}

function declarationOf({ capabilities, anyOf, optional }: Needs): Declaration {
  if ([capabilities, anyOf, optional].filter((need) => need !== undefined).length > 1)
    throw new TypeError('say one of capabilities, anyOf and optional');
  if ([capabilities, anyOf].some((names) => names?.length === 0))
    throw new TypeError(
      'name at least one capability; without capabilities and anyOf, any valid key will do',
    );
  if (capabilities !== undefined) return { opens: 'to capabilities', required: capabilities };
  if (anyOf !== undefined) return { opens: 'to any capability of', accepted: anyOf };
  return { opens: optional === true ? 'with or without a key' : 'to any valid key' };
}

/* eslint-disable no-console -- where there is no other log */
const CONSOLE: Log = {
  debug: () => undefined,
  warn: (entry) => console.warn(entry),
  error: (entry) => console.error(entry),
};
