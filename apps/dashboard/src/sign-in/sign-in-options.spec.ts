import { describe, expect, it } from '@jest/globals';
import { type Environment, SettingsError, readSettings } from '#libs/settings';
import { dashboardSettings } from '../dashboard-settings.js';
import { publicProviders } from './providers.js';
import { type SignInOptions, readSignInOptions } from './sign-in-options.js';

const good = {
  DASHBOARD_SECRET: 'x'.repeat(32),
  DASHBOARD_DATABASE_URL: 'postgres://dashboard@localhost/keys',
  KEYS_MANAGE_URL: 'http://localhost:3001',
  KEYS_MANAGE_TOKEN: 'x'.repeat(32),
  GATEWAY_URL: 'http://localhost:3000',
};
const google = { GOOGLE_CLIENT_ID: 'us', GOOGLE_CLIENT_SECRET: 'the-google-secret' };
const github = { GITHUB_CLIENT_ID: 'us', GITHUB_CLIENT_SECRET: 'the-github-secret' };
const client = { OIDC_CLIENT_ID: 'us', OIDC_CLIENT_SECRET: 'the-oidc-secret' };
const https = { DASHBOARD_URL: 'https://dashboard.example.com' };
const production = { NODE_ENV: 'production', ...https };

function read(env: Environment): SignInOptions {
  return readSignInOptions(readSettings(dashboardSettings, { ...good, ...env }));
}

function problemsOf(env: Environment): readonly string[] {
  try {
    read(env);
  } catch (err) {
    if (err instanceof SettingsError) return err.problems;
    throw err;
  }
  throw new Error('these settings were accepted');
}

describe('the sign-in options', () => {
  it('are a password for a first look, at localhost', () => {
    expect(read({})).toMatchObject({ origin: 'http://localhost:3003', providers: {}, password: true });
    expect(read({ DASHBOARD_PORT: '4000' }).origin).toBe('http://localhost:4000');
  });

  it('are the providers that are set up, and then no password', () => {
    const issuer = { OIDC_ISSUER: 'https://login.example.com', OIDC_NAME: 'Example', ...client };
    const { providers, password } = read({ ...google, ...github, ...issuer });
    expect(password).toBe(false);
    expect(publicProviders(providers)).toEqual([
      { id: 'google', name: 'Google' },
      { id: 'github', name: 'GitHub' },
      { id: 'oidc', name: 'Example' },
    ]);
  });

  it('are a provider and an address of their own in production', () => {
    expect(read({ ...production, ...github })).toMatchObject({
      origin: https.DASHBOARD_URL,
      password: false,
    });
  });

  it.each<[string, Environment, string]>([
    [
      'production without a provider',
      production,
      'In production, sign-in needs a provider: set GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET, GITHUB_',
    ],
    [
      'a public address without a provider',
      https,
      'Passwords are for localhost only, and DASHBOARD_URL is not on localhost: set GOOGLE_CLIENT_ID and',
    ],
    [
      'a host that others reach without a provider',
      { DASHBOARD_HOST: '192.0.2.1', DASHBOARD_URL: 'https://192.0.2.1' },
      'Passwords are for localhost only, and DASHBOARD_URL is not on localhost',
    ],
    [
      'somebody who may sign in, who is nobody',
      { SIGN_IN_ALLOWED: 'example' },
      'SIGN_IN_ALLOWED must be addresses such as ada@example.com and domains such as @example.com, separated by commas.',
    ],
    [
      'production without an address',
      { NODE_ENV: 'production', ...google },
      'DASHBOARD_URL is missing. In production, set it to the URL at which people open the dashboard.',
    ],
    [
      'an address without TLS',
      { DASHBOARD_URL: 'http://dashboard.example.com', ...google },
      'DASHBOARD_URL must start with https:// unless it is on localhost.',
    ],
    [
      'an address that only looks like localhost',
      { DASHBOARD_URL: 'http://localhost.example.com', ...google },
      'DASHBOARD_URL must start with https:// unless it is on localhost.',
    ],
    [
      'an address with a path',
      { DASHBOARD_URL: 'https://example.com/keys', ...google },
      'DASHBOARD_URL must not have a path: the dashboard needs a host of its own.',
    ],
    [
      'half of Google',
      { GOOGLE_CLIENT_ID: 'us' },
      'GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET belong together. Set both or neither.',
    ],
    [
      'the other half of GitHub',
      { GITHUB_CLIENT_SECRET: 'the-github-secret' },
      'GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET belong together. Set both or neither.',
    ],
    [
      'an issuer without a client',
      { OIDC_ISSUER: 'https://login.example.com' },
      'OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET belong together. Set all or none.',
    ],
    [
      'a client without an issuer',
      client,
      'OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET belong together. Set all or none.',
    ],
    [
      'an issuer without TLS',
      { OIDC_ISSUER: 'http://login.example.com', ...client },
      'OIDC_ISSUER must start with https:// unless it is on localhost.',
    ],
  ])('are refused with what would be right: %s', (_, env, sentence) => {
    const problems = problemsOf(env);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(sentence);
    expect(problems[0]).not.toContain('-secret');
  });
});
