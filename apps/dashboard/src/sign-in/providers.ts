import type { BetterAuthOptions } from 'better-auth';
import { type GenericOAuthConfig, genericOAuth } from 'better-auth/plugins';
import type { SignInProvider } from '../contract.js';
import type { DashboardSettings } from '../dashboard-settings.js';
import { ISSUER_ID, rejectMismatchedIssuer } from './issuer-mismatch.js';

/** The credentials of the dashboard at a provider. */
interface Client {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** The identity providers in the settings. */
export interface Providers {
  readonly google?: Client;
  readonly github?: Client;
  readonly issuer?: Client & { readonly url: string; readonly name: string };
}

/** Reads the providers from the settings, with a problem for each that is incomplete. */
export function readProviders(settings: DashboardSettings): { providers: Providers; problems: string[] } {
  const google = readClient(settings, 'GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET');
  const github = readClient(settings, 'GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET');
  const issuer = readClient(settings, 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET');
  const { OIDC_ISSUER: url, OIDC_NAME: name } = settings;
  const problems = [google, github, issuer].flatMap((read) => (typeof read === 'string' ? [read] : []));
  if ((url === undefined) !== (issuer === undefined)) {
    problems.push('OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET belong together. Set all or none.');
  }
  if (url !== undefined && !isSecure(url)) {
    problems.push('OIDC_ISSUER must start with https:// unless it is on localhost.');
  }
  const providers: Providers = {
    ...(typeof google === 'object' && { google }),
    ...(typeof github === 'object' && { github }),
    ...(typeof issuer === 'object' && url !== undefined && { issuer: { ...issuer, url, name } }),
  };
  return { providers, problems };
}

/** Whether nobody can read the traffic: it uses TLS, or stays on this machine. */
export function isSecure(url: string): boolean {
  return new URL(url).protocol === 'https:' || isLocal(url);
}

export function isLocal(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

/** What the page shows of the providers. */
export function publicProviders({ google, github, issuer }: Providers): SignInProvider[] {
  return [
    ...(google === undefined ? [] : [{ id: 'google', name: 'Google' }]),
    ...(github === undefined ? [] : [{ id: 'github', name: 'GitHub' }]),
    ...(issuer === undefined ? [] : [{ id: ISSUER_ID, name: issuer.name }]),
  ];
}

/** Each sign-in updates the name and the verified address. */
const UPDATE_PROFILE = { overrideUserInfoOnSignIn: true };

/** The configuration for better-auth, which adds state, PKCE and nonce itself. */
export function betterAuthProviders({
  google,
  github,
  issuer,
}: Providers): Pick<BetterAuthOptions, 'socialProviders' | 'plugins'> {
  return {
    socialProviders: {
      ...(google !== undefined && {
        google: { ...google, ...UPDATE_PROFILE, prompt: 'select_account' as const },
      }),
      ...(github !== undefined && { github: { ...github, ...UPDATE_PROFILE } }),
    },
    plugins:
      issuer === undefined
        ? []
        : [genericOAuth({ config: [issuerConfig(issuer)] }), rejectMismatchedIssuer(issuer.url)],
  };
}

function issuerConfig({
  url,
  name,
  clientId,
  clientSecret,
}: NonNullable<Providers['issuer']>): GenericOAuthConfig {
  return {
    providerId: ISSUER_ID,
    name,
    clientId,
    clientSecret,
    // OpenID Connect Discovery 1.0 section 4 requires removing a trailing slash of the issuer.
    discoveryUrl: `${url.replace(/\/$/, '')}/.well-known/openid-configuration`,
    scopes: ['openid', 'email', 'profile'],
    overrideUserInfo: true,
    requireIdTokenVerification: true,
  };
}

type ClientId = 'GOOGLE_CLIENT_ID' | 'GITHUB_CLIENT_ID' | 'OIDC_CLIENT_ID';
type ClientSecret = 'GOOGLE_CLIENT_SECRET' | 'GITHUB_CLIENT_SECRET' | 'OIDC_CLIENT_SECRET';

/** The client if both settings are present, undefined if neither is, and a problem if only one is. */
function readClient(
  settings: DashboardSettings,
  id: ClientId,
  secret: ClientSecret,
): Client | string | undefined {
  const { [id]: clientId, [secret]: clientSecret } = settings;
  if (clientId === undefined && clientSecret === undefined) return undefined;
  if (clientId === undefined || clientSecret === undefined) {
    return `${id} and ${secret} belong together. Set both or neither.`;
  }
  return { clientId, clientSecret };
}
