import type { ExecutionContext } from '@nestjs/common';
import type { Tracing } from '#libs/tracing';
import type { RevocationSource } from './followed-log.js';
import type { RateLimitOptions } from './limits/request-limits.js';

export interface KeyGuardOptions {
  /** The verification RPC of keys: `tcp://keys:3002` or `tls://keys:3002`, several with commas between them. */
  readonly keysUrl: string;
  /** The credential of that RPC, `KEYS_VERIFY_TOKEN`. */
  readonly verifyToken: string;
  /** Certificates (PEM) to trust for `tls://`, instead of the system's. */
  readonly ca?: string | undefined;
  /** The tag secrets of the deployment, `KEY_TAG_SECRET`: the same as at keys. */
  readonly tagSecrets: readonly string[];
  readonly revocations: RevocationSource;
  /**
   * Reads the body of a request, for an application that has no body parser before its guards. It is called once the
   * key is found valid and within its limits; when it has resolved, the key is looked at again, since a body may take its
   * time. Undefined when there is none to wait for; a rejection goes to the application's exception filters.
   */
  readonly readBody?: (context: ExecutionContext) => Promise<void> | undefined;
  /** How much each key, and each address that sends keys, is allowed; `'none'`: as much as they like. */
  readonly rateLimits?: RateLimitOptions | 'none';
  /** What keys begin with. Default: `sk_live`. */
  readonly keyPrefix?: string;
  /** What the challenges call the protected space (RFC 9110 section 11.5). */
  readonly realm?: string;
  /** How many principals are kept, for up to 10 seconds each. */
  readonly cacheSize?: number;
  /** How often the use and activity of keys is reported, in seconds. Default: 20. */
  readonly lastUsedEverySeconds?: number;
  /**
   * Throw a `KeyGuardProblem` (an `HttpException` of Nest) instead of answering it, for exception filters of your own to
   * word. A flood of forged keys then costs more.
   */
  readonly throwsRefusals?: boolean;
  /** Where questions to keys are traced. */
  readonly tracing?: Tracing | undefined;
}
