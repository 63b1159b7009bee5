import type { FastifyRequest } from 'fastify';
import type { GuardedRequest } from '#libs/key-verifier';
import type { ProblemException } from '#libs/problems';

/** The client's request, as a proxy describes it in its own request to `/authorize`. */
export class ForwardedRequest implements GuardedRequest {
  keyId?: string;
  refusal?: ProblemException;
  readonly #asked: FastifyRequest;

  private constructor(
    asked: FastifyRequest,
    readonly method: string,
    /** The URI with its query; empty if the proxy does not say. */
    readonly url: string,
  ) {
    this.#asked = asked;
  }

  /**
   * Reads the headers in which proxies describe it. Without them, the method is the one of the request itself, as with
   * Envoy. `uri`: the one that is appended to the query, if any. Returns a sentence if two of them differ: a proxy sets one
   * of them, and may pass on what its client has sent as the other.
   */
  static read(asked: FastifyRequest, uri: string | undefined): ForwardedRequest | string {
    const [method, otherMethod] = [textOf(asked, 'x-forwarded-method'), textOf(asked, 'x-original-method')];
    if (differ(method, otherMethod)) return 'X-Forwarded-Method and X-Original-Method differ';
    const [forwarded, original] = [textOf(asked, 'x-forwarded-uri'), textOf(asked, 'x-original-uri')];
    if (differ(forwarded, original)) return 'X-Forwarded-Uri and X-Original-URI differ';
    const url = forwarded ?? original;
    if (differ(uri, url)) return 'the uri parameter differs from the one in the headers';
    return new ForwardedRequest(asked, method ?? otherMethod ?? asked.method, uri ?? url ?? '');
  }

  get headers(): GuardedRequest['headers'] {
    return this.#asked.headers;
  }

  get raw(): FastifyRequest['raw'] {
    return this.#asked.raw;
  }

  /** The client's address, by the proxy's `X-Forwarded-For`. */
  get ip(): string {
    return this.#asked.ip;
  }

  get id(): string {
    return this.#asked.id;
  }

  /** What a problem names as its instance. */
  get originalUrl(): string {
    return this.url === '' ? '/authorize' : this.url;
  }
}

/** Node joins repeated headers of these names with commas. */
function textOf({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

function differ(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other;
}
