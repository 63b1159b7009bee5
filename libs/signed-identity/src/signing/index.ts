// For the gateway, which signs.
export { IdentitySigner } from './identity-signer.js';

// For others who sign with Ed25519.
export { deriveEd25519Key } from './derive-ed25519-key.js';
