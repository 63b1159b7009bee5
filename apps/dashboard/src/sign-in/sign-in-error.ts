import type { SignInError } from '../contract.js';

/** What better-auth and providers call these, as far as people can do something about it. */
const MEANT: Readonly<Record<string, SignInError>> = {
  // RFC 6749 section 4.1.2.1, and what OpenID Connect adds.
  access_denied: 'canceled',
  consent_required: 'canceled',
  interaction_required: 'canceled',
  login_required: 'canceled',
  temporarily_unavailable: 'unavailable',
  server_error: 'unavailable',
  // A sign-in that took too long, was finished before, or began in another browser.
  state_not_found: 'expired',
  state_mismatch: 'expired',
  state_invalid: 'expired',
  no_code: 'expired',
  invalid_code: 'expired',
  nonce_binding_missing: 'expired',
  account_not_linked: 'not_linked',
  account_already_linked_to_different_user: 'not_linked',
  email_not_found: 'email_missing',
  email_not_verified: 'email_not_verified',
  not_allowed: 'not_allowed',
};

/** Where to send the browser after a provider, with a {@link SignInError} for the page in place of better-auth's code. */
export function withSignInError(location: string, origin: string): { location: string; code: string | null } {
  const url = new URL(location, origin);
  const code = url.origin === origin ? url.searchParams.get('error') : null;
  if (code === null) return { location, code };
  url.searchParams.set('error', (MEANT[code.toLowerCase()] ?? 'failed') satisfies SignInError);
  // It comes from the URL, which anyone can write, so it is never shown.
  url.searchParams.delete('error_description');
  return { location: url.href, code };
}
