import { Agent, fetch } from 'undici';
import { type ApiRequest, type ApiResponse, ToolFailure, VERSION } from '#libs/mcp-tools';
import type { McpSettings } from './mcp-settings.js';

/** Longer than a gateway lets a service work before its response begins (UPSTREAM_WORK_SECONDS), in milliseconds. */
const HEADERS_MS = 700_000;

/** Longer than a gateway lets a response pause (UPSTREAM_SILENCE_SECONDS), in milliseconds. */
const SILENCE_MS = 150_000;

/** The API did not respond. */
export class ApiUnreachable extends ToolFailure {}

/** The public API over HTTP, with one key. */
export class ApiClient {
  readonly #agent: Agent;
  readonly #url: string;
  readonly #key: string;

  constructor({ LE_BUREAU_API_URL: url, LE_BUREAU_API_KEY: key, LE_BUREAU_TLS_CA: ca }: McpSettings) {
    this.#url = url;
    this.#key = key;
    this.#agent = new Agent({
      headersTimeout: HEADERS_MS,
      bodyTimeout: SILENCE_MS,
      connect: { timeout: 10_000, ...(ca !== undefined && { ca }) },
    });
  }

  /** Resolves when the response begins. Rejects with {@link ApiUnreachable} if there is none. */
  async send({ method, path, body }: ApiRequest, signal: AbortSignal): Promise<ApiResponse> {
    try {
      return await fetch(this.#url + path, {
        method,
        dispatcher: this.#agent,
        signal,
        // A redirect could lead the key to somebody else.
        redirect: 'manual',
        headers: {
          authorization: `Bearer ${this.#key}`,
          'user-agent': `lb-mcp/${VERSION}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    } catch (err) {
      if (signal.aborted) throw err;
      throw new ApiUnreachable(
        `The API at ${this.#url} does not respond (${causeOf(err)}). Check LE_BUREAU_API_URL and the network, then try again.`,
        { cause: err },
      );
    }
  }

  close(): Promise<void> {
    return this.#agent.close();
  }
}

/** fetch hides the reason, such as ECONNREFUSED, in the cause of its error. */
function causeOf(err: unknown): string {
  if (!(err instanceof Error)) return String(err);
  const { cause } = err;
  if (!(cause instanceof Error)) return err.message;
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}
