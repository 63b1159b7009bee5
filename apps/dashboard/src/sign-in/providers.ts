import type { BetterAuthOptions } from 'better-auth';
import { type GenericOAuthConfig, genericOAuth } from 'better-auth/plugins';
import type { SignInProvider } from '../contract.js';
import type { DashboardSettings } from '../dashboard-settings.js';
import { ISSUER_ID, issuerByItsName } from './issuer-name.js';

/** A client as a provider knows us. */
interface Client {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Who else may say who a person is, as the settings name them. */
export interface Providers {
  readonly google?: Client;
  readonly github?: Client;
  readonly issuer?: Client & { readonly url: string; readonly name: string };
}

/** The providers that the settings name, and a sentence for each of which half is missing. */
export function providersIn(settings: DashboardSettings): { providers: Providers; problems: string[] } {
  const google = clientIn(settings, 'GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET');
  const github = clientIn(settings, 'GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET');
  const issuer = clientIn(settings, 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET');
  const { OIDC_ISSUER: url, OIDC_NAME: name } = settings;
  const problems = [google, github, issuer].flatMap((read) => (typeof read === 'string' ? [read] : []));
  if ((url === undefined) !== (issuer === undefined)) {
    problems.push('OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET belong together: set all, or none.');
  }
  if (url !== undefined && !isProtected(url)) {
    problems.push('OIDC_ISSUER must begin with https:// unless it is on localhost.');
  }
  const providers: Providers = {
    ...(typeof google === 'object' && { google }),
    ...(typeof github === 'object' && { github }),
    ...(typeof issuer === 'object' && url !== undefined && { issuer: { ...issuer, url, name } }),
  };
  return { providers, problems };
}

/** Whether what is sent there cannot be read on the way: by TLS, or since it stays on this machine. */
export function isProtected(url: string): boolean {
  return new URL(url).protocol === 'https:' || isLocal(url);
}

/** Whether an address leads to the machine that it is opened on. */
export function isLocal(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

/** The providers as the page shows them. */
export function shownProviders({ google, github, issuer }: Providers): SignInProvider[] {
  return [
    ...(google === undefined ? [] : [{ id: 'google', name: 'Google' }]),
    ...(github === undefined ? [] : [{ id: 'github', name: 'GitHub' }]),
    ...(issuer === undefined ? [] : [{ id: ISSUER_ID, name: issuer.name }]),
  ];
}

/** What a provider says at a sign-in holds from then on: a new address, verified, and a new name. */
const CHANGES_TAKEN_OVER = { overrideUserInfoOnSignIn: true };

/** The providers as better-auth takes them. It adds state, PKCE and nonce to each by itself. */
export function betterAuthProviders({
  google,
  github,
  issuer,
}: Providers): Pick<BetterAuthOptions, 'socialProviders' | 'plugins'> {
  return {
    socialProviders: {
      ...(google !== undefined && {
        google: { ...google, ...CHANGES_TAKEN_OVER, prompt: 'select_account' as const },
      }),
      ...(github !== undefined && { github: { ...github, ...CHANGES_TAKEN_OVER } }),
    },
    plugins:
      issuer === undefined
        ? []
        : [genericOAuth({ config: [issuerConfig(issuer)] }), issuerByItsName(issuer.url)],
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
    // OpenID Connect Discovery 1.0 section 4: a slash at the end of the issuer goes.
    discoveryUrl: `${url.replace(/\/$/, '')}/.well-known/openid-configuration`,
    scopes: ['openid', 'email', 'profile'],
    overrideUserInfo: true,
    requireIdTokenVerification: true,
  };
}

type ClientId = 'GOOGLE_CLIENT_ID' | 'GITHUB_CLIENT_ID' | 'OIDC_CLIENT_ID';
type ClientSecret = 'GOOGLE_CLIENT_SECRET' | 'GITHUB_CLIENT_SECRET' | 'OIDC_CLIENT_SECRET';

/** A client whose two settings are both there, undefined when neither is, and a sentence about half a client. */
function clientIn(
  settings: DashboardSettings,
  id: ClientId,
  secret: ClientSecret,
): Client | string | undefined {
  const { [id]: clientId, [secret]: clientSecret } = settings;
  if (clientId === undefined && clientSecret === undefined) return undefined;
  if (clientId === undefined || clientSecret === undefined) {
    return `${id} and ${secret} belong together: set both, or none.`;
  }
  return { clientId, clientSecret };
}
