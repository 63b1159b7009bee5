// The catalogue.
export { CAPABILITIES, CAPABILITY_NAMES, DEFAULT_CAPABILITIES, type Capability } from './capabilities.js';

// For those who read a selection.
export { type Selection, isCapability, selectCapabilities, sharedCapabilities } from './capabilities.js';
