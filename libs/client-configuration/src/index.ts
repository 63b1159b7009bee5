export {
  API_KEY_VARIABLE,
  API_URL_VARIABLE,
  type Connection,
  type Configuration,
  configurations,
  envFile,
} from './configurations.js';
export { MCP_CAPABILITIES } from './mcp-capabilities.js';
