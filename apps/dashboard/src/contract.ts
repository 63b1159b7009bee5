/*
 * The API between the backend and its page, under /api on the same origin. Only types, so that nothing of the backend
 * ends up in the browser.
 */
export type { Expiry, IssuedKey, Key, KeyActivity, KeyPage, KeyState, Revocation } from '#libs/keys-contract';

/** Who is signed in. */
export interface User {
  /** The id of their owner in the keys service, which services behind the gateway see as `sub`. */
  readonly id: string;
  readonly email: string;
  /** Whether a provider has verified that the address is theirs. */
  readonly emailVerified: boolean;
  readonly name: string;
  /** URL of a picture, from the provider. */
  readonly image: string | null;
  readonly role: string;
  readonly tier: string;
}

/** Google, GitHub or an OpenID Connect issuer. */
export interface SignInProvider {
  readonly id: string;
  /** As shown to people. */
  readonly name: string;
}

/** `GET /api/session`, which needs no session. */
export interface Session {
  readonly user: User | null;
  readonly signIn: { readonly password: boolean; readonly providers: readonly SignInProvider[] };
  /** Where people call the API with their keys. */
  readonly gatewayUrl: string;
  /** The prefix of keys: `sk_live`. */
  readonly keyPrefix: string;
}

/** `POST /api/keys`, with the header `Idempotency-Key`. The response is an {@link IssuedKey}. */
export interface NewKey {
  readonly name: string;
  readonly capabilities: readonly string[];
  /** RFC 3339. Default: never. */
  readonly expiresAt?: string;
  /** The id of the key that this one replaces. */
  readonly replaces?: string;
}

/** `POST /api/keys/check`: the response of the gateway to `GET /v1/me` with the key. */
export interface KeyCheck {
  readonly status: number;
  readonly body: unknown;
  readonly tookMs: number;
}
