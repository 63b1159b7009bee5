import type { Tracing } from '#libs/tracing';
import type { RevocationSource } from './followed-log.js';
import type { RateLimitOptions } from './limits/request-limits.js';

/** What an engine needs besides the parts that connect it to others. */
export interface EngineOptions {
  /** The verification RPC of keys: `tcp://keys:3002` or `tls://keys:3002`, several separated by commas. */
  readonly keysUrl: string;
  /** The prefix of keys. Default: `sk_live`. */
  readonly keyPrefix?: string | undefined;
  /** The realm in challenges (RFC 9110 section 11.5). */
  readonly realm?: string | undefined;
  /** How many principals are cached, for up to 10 seconds each. */
  readonly cacheSize?: number | undefined;
  /** How often uses and activity of keys are reported, in seconds. Default: 20. */
  readonly lastUsedEverySeconds?: number | undefined;
}

/** The options of an engine, whatever the framework. */
export interface VerifierOptions extends EngineOptions {
  /** The token of that RPC, `KEYS_VERIFY_TOKEN`. */
  readonly verifyToken: string;
  /** Certificates (PEM) to trust for `tls://`, instead of the system's. */
  readonly ca?: string | undefined;
  /** The tag secrets of the deployment, `KEY_TAG_SECRET`: the same as at keys. */
  readonly tagSecrets: readonly string[];
  readonly revocations: RevocationSource;
  /** The limits of keys, and of addresses that send invalid ones; `'none'`: no limits. */
  readonly rateLimits?: RateLimitOptions | 'none' | undefined;
  /** Traces questions to keys. */
  readonly tracing?: Tracing | undefined;
}
