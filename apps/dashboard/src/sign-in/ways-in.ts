import { shownHost } from '#libs/service';
import { SettingsError } from '#libs/settings';
import type { DashboardSettings } from '../dashboard-settings.js';
import { type Providers, isProtected, providersIn } from './providers.js';

/** How people sign in here, and where. */
export interface WaysIn {
  /** The origin at which people open the dashboard. */
  readonly origin: string;
  readonly providers: Providers;
  /** Whether an email address and a password do: for a first look, where no provider is set up. */
  readonly password: boolean;
}

/** The token by which Nest hands out {@link WaysIn}. */
export const WAYS_IN = Symbol('ways-in');

/** What the settings say about signing in, taken together. Throws a {@link SettingsError} that says what to change. */
export function waysInOf(settings: DashboardSettings): WaysIn {
  const isProduction = settings.NODE_ENV === 'production';
  const { providers, problems } = providersIn(settings);
  const hasProvider = Object.keys(providers).length > 0;
  if (isProduction && !hasProvider && problems.length === 0) {
    problems.push(
      'In production people sign in with a provider: set GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET, GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET, or OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.',
    );
  }
  if (isProduction && settings.DASHBOARD_URL === undefined) {
    problems.push('DASHBOARD_URL is missing: in production it must be where people open the dashboard.');
  }
  const { DASHBOARD_HOST, DASHBOARD_PORT } = settings;
  const url = settings.DASHBOARD_URL ?? `http://${shownHost(DASHBOARD_HOST)}:${DASHBOARD_PORT}`;
  if (!isProtected(url)) problems.push('DASHBOARD_URL must begin with https:// unless it is on localhost.');
  if (new URL(url).pathname !== '/')
    problems.push('DASHBOARD_URL must have no path: it has a host to itself.');
  if (problems.length > 0) throw new SettingsError(problems);
  return { origin: new URL(url).origin, providers, password: !hasProvider };
}
