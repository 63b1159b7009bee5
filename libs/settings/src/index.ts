// For apps: read the environment once, at start.
export { type Environment, SettingsError, readSettings } from './settings.js';
export { integer, networks, oneOf, origins, port, secret, secrets, text, url, urls } from './kinds.js';
export { authorities, certificates, privateKey } from './pem.js';
export { generatedSecret } from './generated-secret.js';

// For the documentation.
export { type SettingDescription, describeSettings } from './settings.js';
