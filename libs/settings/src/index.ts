// For apps: read the environment once, at start.
export { type Environment, SettingsError, isSet, readSettings, withDefaults } from './settings.js';
export {
  baseUrl,
  emailsAndDomains,
  endpoints,
  flag,
  host,
  integer,
  networks,
  oneOf,
  origins,
  port,
  secret,
  secretText,
  secrets,
  serviceNames,
  someOf,
  text,
  url,
} from './kinds.js';
export { isSecret, secretValues } from './secret-settings.js';
export { authorities, certificates, privateKey } from './pem.js';
export { generatedSecret } from './generated-secret.js';

// For the documentation.
export { type SettingDescription, describeSettings } from './settings.js';
