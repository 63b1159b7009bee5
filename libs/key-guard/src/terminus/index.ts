// For an application whose health is checked by Terminus.
export { KeyGuardHealthIndicator } from './key-guard.health-indicator.js';
