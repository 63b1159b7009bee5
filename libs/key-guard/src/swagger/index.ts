// For an OpenAPI document that says which key a route needs.
export { describeCapabilities } from './describe-capabilities.js';
