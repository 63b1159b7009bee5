import { SettingsError } from '#libs/settings';
import type { GatewaySettings } from '../gateway-settings.js';
import type { SecretScanning } from './provide-secret-scanning.js';

/** What the settings say about secret scanners; undefined if none may report. Throws a {@link SettingsError}. */
export function secretScanningIn(settings: GatewaySettings): SecretScanning | undefined {
  const { SECRET_SCANNING: scanners = [], GITLAB_REVOCATION_TOKEN: gitLabTokens = [] } = settings;
  if (scanners.length === 0 && gitLabTokens.length === 0) return undefined;
  const urls = { github: settings.GITHUB_KEYS_URL, gitlab: settings.GITLAB_KEYS_URL };
  if (scanners.includes('gitlab') && urls.gitlab === undefined)
    throw new SettingsError(['GITLAB_KEYS_URL is missing: SECRET_SCANNING with gitlab needs it.']);
  return {
    keysUrls: {
      ...(scanners.includes('github') && { github: urls.github }),
      ...(scanners.includes('gitlab') && urls.gitlab !== undefined && { gitlab: urls.gitlab }),
    },
    isTruffleHogOn: scanners.includes('trufflehog'),
    gitLabTokens,
    keyPrefix: settings.KEY_PREFIX,
  };
}
