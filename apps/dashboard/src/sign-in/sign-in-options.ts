import { shownHost } from '#libs/service';
import { SettingsError } from '#libs/settings';
import type { DashboardSettings } from '../dashboard-settings.js';
import { AllowList } from './allow-list.js';
import { type Providers, isLocal, isProtected, providersIn } from './providers.js';

/** How people sign in here, and where. */
export interface SignInOptions {
  /** The origin at which people open the dashboard. */
  readonly origin: string;
  readonly providers: Providers;
  /** Whether people sign in with an email address and a password: on localhost, where no provider is set up. */
  readonly password: boolean;
  /** Who may sign in. */
  readonly allowed: AllowList;
}

/** The token by which Nest hands out {@link SignInOptions}. */
export const WAYS_IN = Symbol('ways-in');

const SET_ONE_UP =
  'set GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET, GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET, or OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.';

/** What the settings say about signing in, taken together. Throws a {@link SettingsError} that says what to change. */
export function readSignInOptions(settings: DashboardSettings): SignInOptions {
  const isProduction = settings.NODE_ENV === 'production';
  const { providers, problems } = providersIn(settings);
  const hasProvider = Object.keys(providers).length > 0;
  if (isProduction && !hasProvider && problems.length === 0) {
    problems.push(`In production people sign in with a provider: ${SET_ONE_UP}`);
  }
  if (isProduction && settings.DASHBOARD_URL === undefined) {
    problems.push('DASHBOARD_URL is missing: in production it must be where people open the dashboard.');
  }
  const { DASHBOARD_HOST, DASHBOARD_PORT } = settings;
  const url = settings.DASHBOARD_URL ?? `http://${shownHost(DASHBOARD_HOST)}:${DASHBOARD_PORT}`;
  if (!isProduction && !hasProvider && problems.length === 0 && !isLocal(url)) {
    problems.push(
      `DASHBOARD_URL is not on localhost, where alone people may sign in with a password: ${SET_ONE_UP}`,
    );
  }
  if (!isProtected(url)) problems.push('DASHBOARD_URL must begin with https:// unless it is on localhost.');
  if (new URL(url).pathname !== '/')
    problems.push('DASHBOARD_URL must have no path: it has a host to itself.');
  if (problems.length > 0) throw new SettingsError(problems);
  return {
    origin: new URL(url).origin,
    providers,
    password: !hasProvider,
    allowed: new AllowList(settings.SIGN_IN_ALLOWED ?? []),
  };
}
