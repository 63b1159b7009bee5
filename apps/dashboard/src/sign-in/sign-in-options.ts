import { shownHost } from '#libs/service';
import { SettingsError } from '#libs/settings';
import type { DashboardSettings } from '../dashboard-settings.js';
import { AllowList } from './allow-list.js';
import { type Providers, isLocal, isSecure, readProviders } from './providers.js';

export interface SignInOptions {
  /** The origin at which people open the dashboard. */
  readonly origin: string;
  readonly providers: Providers;
  /** Whether people sign in with an email and password: on localhost without a provider. */
  readonly password: boolean;
  readonly allowed: AllowList;
}

/** The token by which Nest hands out {@link SignInOptions}. */
export const SIGN_IN_OPTIONS = Symbol('sign-in-options');

const HOW_TO_ADD_A_PROVIDER =
  'set GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET, GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET, or OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.';

/** Reads the settings about sign-in and checks that they fit together. Throws a {@link SettingsError}. */
export function readSignInOptions(settings: DashboardSettings): SignInOptions {
  const isProduction = settings.NODE_ENV === 'production';
  const { providers, problems } = readProviders(settings);
  const hasProvider = Object.keys(providers).length > 0;
  if (isProduction && !hasProvider && problems.length === 0) {
    problems.push(`In production, sign-in needs a provider: ${HOW_TO_ADD_A_PROVIDER}`);
  }
  if (isProduction && settings.DASHBOARD_URL === undefined) {
    problems.push(
      'DASHBOARD_URL is missing. In production, set it to the URL at which people open the dashboard.',
    );
  }
  const { DASHBOARD_HOST, DASHBOARD_PORT } = settings;
  const url = settings.DASHBOARD_URL ?? `http://${shownHost(DASHBOARD_HOST)}:${DASHBOARD_PORT}`;
  if (!isProduction && !hasProvider && problems.length === 0 && !isLocal(url)) {
    problems.push(
      `Passwords are for localhost only, and DASHBOARD_URL is not on localhost: ${HOW_TO_ADD_A_PROVIDER}`,
    );
  }
  if (!isSecure(url)) problems.push('DASHBOARD_URL must start with https:// unless it is on localhost.');
  if (new URL(url).pathname !== '/')
    problems.push('DASHBOARD_URL must not have a path: the dashboard needs a host of its own.');
  if (problems.length > 0) throw new SettingsError(problems);
  return {
    origin: new URL(url).origin,
    providers,
    password: !hasProvider,
    allowed: new AllowList(settings.SIGN_IN_ALLOWED ?? []),
  };
}
