import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { gatewaySettings } from '../../gateway/src/gateway-settings.js';
import { keysSettings } from '../../keys/src/keys-settings.js';
import { StartError, localHost, shownHost } from '#libs/service';
import {
  type Environment,
  SettingsError,
  generatedSecret,
  isSet,
  readSettings,
  withDefaults,
} from '#libs/settings';

/** Stands for the URL of the embedded PostgreSQL until that has started. */
export const PLACEHOLDER_URL = 'postgres://keys@127.0.0.1/keys';

/** The settings that determine the addresses of keys and gateway. */
const keysPlace = keysSettings.pick({ KEYS_HOST: true, KEYS_MANAGE_PORT: true, KEYS_VERIFY_PORT: true });
const gatewayPlace = gatewaySettings.pick({ GATEWAY_HOST: true, GATEWAY_PORT: true });

/**
 * Defaults for the settings that a single process can choose. Given settings take precedence. Throws a `SettingsError` if
 * one that it depends on is invalid.
 */
export function withStandaloneDefaults(given: Environment, dataFolder: string): Environment {
  const env = withDefaults(given, {
    KEYS_HOST: () => '127.0.0.1',
    GATEWAY_HOST: () => '127.0.0.1',
    DASHBOARD_HOST: () => '127.0.0.1',
  });
  const { KEYS_HOST, KEYS_MANAGE_PORT, KEYS_VERIFY_PORT } = readSettings(keysPlace, env);
  const { GATEWAY_HOST, GATEWAY_PORT } = readSettings(gatewayPlace, env);
  if (isSet(given, 'KEYS_TLS_CERT')) requireUrls(given);
  const secret = (name: string) => () => secretIn(dataFolder, name);
  return withDefaults(env, {
    // Only for the embedded database: for another one, it is part of the URL, or there is none.
    ...(!isSet(given, 'DATABASE_URL') && { DATABASE_PASSWORD: secret('database-password') }),
    DATABASE_URL: () => PLACEHOLDER_URL,
    DASHBOARD_DATABASE_URL: () => PLACEHOLDER_URL,
    REDIS_URL: () => 'redis://127.0.0.1', // not used: revocations and rate limits stay within the process
    KEYS_MANAGE_TOKEN: secret('manage-token'),
    KEYS_VERIFY_TOKEN: secret('verify-token'),
    KEY_TAG_SECRET: secret('tag-secret'),
    VERDICT_SECRET: secret('verdict-secret'),
    WEBHOOK_SECRET: secret('webhook-secret'),
    IDENTITY_SECRET: secret('identity-secret'),
    DASHBOARD_SECRET: secret('dashboard-secret'),
    KEYS_VERIFY_URL: () => `tcp://${localHost(KEYS_HOST)}:${KEYS_VERIFY_PORT}`,
    KEYS_MANAGE_URL: () => `http://${localHost(KEYS_HOST)}:${KEYS_MANAGE_PORT}`,
    GATEWAY_URL: () => `http://${localHost(GATEWAY_HOST)}:${GATEWAY_PORT}`,
    PUBLIC_GATEWAY_URL: () => `http://${shownHost(GATEWAY_HOST)}:${GATEWAY_PORT}`,
    LOG_LEVEL: () => 'warn',
  });
}

/** A certificate is for a name, which gateway and dashboard must use. */
function requireUrls(given: Environment): void {
  const missing = ['KEYS_VERIFY_URL', 'KEYS_MANAGE_URL'].filter((name) => !isSet(given, name));
  if (missing.length === 0) return;
  throw new SettingsError([
    `KEYS_TLS_CERT is set, so ${missing.join(' and ')} must be set, too: with tls:// and https://, and the name that the certificate is for.`,
  ]);
}

function secretIn(dataFolder: string, name: string): string {
  try {
    // PostgreSQL runs as another user if this process is root, and must be able to enter it; the files in it are protected.
    mkdirSync(dataFolder, { recursive: true, mode: 0o711 });
    return generatedSecret(join(dataFolder, 'secrets', name));
  } catch (err) {
    const why = err instanceof Error ? err.message : String(err);
    throw new StartError(
      `The data folder ${dataFolder} cannot be used (${why}): set DATA_DIR to another folder.`,
    );
  }
}
