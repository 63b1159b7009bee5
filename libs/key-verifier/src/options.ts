import type { Tracing } from '#libs/tracing';
import type { RevocationSource } from './followed-log.js';
import type { RateLimitOptions } from './limits/request-limits.js';

/** What an engine needs, whatever the framework. */
export interface VerifierOptions {
  /** The verification RPC of keys: `tcp://keys:3002` or `tls://keys:3002`, several separated by commas. */
  readonly keysUrl: string;
  /** The token of that RPC, `KEYS_VERIFY_TOKEN`. */
  readonly verifyToken: string;
  /** Certificates (PEM) to trust for `tls://`, instead of the system's. */
  readonly ca?: string | undefined;
  /** The tag secrets of the deployment, `KEY_TAG_SECRET`: the same as at keys. */
  readonly tagSecrets: readonly string[];
  readonly revocations: RevocationSource;
  /** The limits of keys, and of addresses that send invalid ones; `'none'`: no limits. */
  readonly rateLimits?: RateLimitOptions | 'none';
  /** The prefix of keys. Default: `sk_live`. */
  readonly keyPrefix?: string;
  /** The realm in challenges (RFC 9110 section 11.5). */
  readonly realm?: string;
  /** How many principals are cached, for up to 10 seconds each. */
  readonly cacheSize?: number;
  /** How often uses and activity of keys are reported, in seconds. Default: 20. */
  readonly lastUsedEverySeconds?: number;
  /** Traces questions to keys. */
  readonly tracing?: Tracing | undefined;
}
