// For the gateway, which signs.
export { IdentitySigner } from './identity-signer.js';
