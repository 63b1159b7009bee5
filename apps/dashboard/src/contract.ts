/*
 * What the dashboard's backend says to its page, under /api on the same origin. Types alone, so that the page takes
 * nothing else of the backend into the browser.
 */
export type { Expiry, IssuedKey, Key, KeyActivity, KeyPage, KeyState, Revocation } from '#libs/keys-client';

/** Who is signed in. */
export interface User {
  /** The id of their owner in the keys service, which services behind the gateway see as `sub`. */
  readonly id: string;
  readonly email: string;
  /** Whether a provider has verified that the address is theirs. */
  readonly emailVerified: boolean;
  readonly name: string;
  /** The address of a picture, as the provider told it. */
  readonly image: string | null;
  readonly role: string;
  readonly tier: string;
}

/** Somebody else who says who a person is: Google, GitHub or an OpenID Connect issuer. */
export interface SignInProvider {
  readonly id: string;
  /** For people. */
  readonly name: string;
}

/** `GET /api/session`: answered to everybody. */
export interface Session {
  readonly user: User | null;
  readonly signIn: { readonly password: boolean; readonly providers: readonly SignInProvider[] };
  /** Where people call the API with their keys. */
  readonly gatewayUrl: string;
  /** How keys begin: `sk_live`. */
  readonly keyPrefix: string;
}

/** `POST /api/keys`, with the header `Idempotency-Key`. Answered by an {@link IssuedKey}. */
export interface NewKey {
  readonly name: string;
  readonly capabilities: readonly string[];
  /** RFC 3339; never, when absent. */
  readonly expiresAt?: string;
  /** The id of the key that this one is to replace. */
  readonly replaces?: string;
}

/** `POST /api/keys/check`: what the gateway answered to `GET /v1/me` with the key. */
export interface KeyCheck {
  readonly status: number;
  readonly body: unknown;
  readonly tookMs: number;
}

/** Every refusal (RFC 9457). `code` is `signed_out` without a session, `keys_unreachable` when keys is away. */
export interface ApiProblem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: string;
  readonly requestId: string;
}
