// For those who serve the tools.
export { type ToolServerOptions, createToolServer } from './tool-server.js';
export type { CallApi } from './call-tool.js';
export { type ApiResponse, parsedJson, readBytes } from './api-response.js';
export { failureSentence } from './tool-error.js';
export { ToolFailure } from './tool-failure.js';
export { VERSION } from './version.js';
export { type ApiRequest, TOOLS, type Tool, mayUse } from './tool.js';

// For the documentation and the tests.
export { OPERATIONS } from './api-document.js';
export { ROUTES_WITHOUT_TOOL, TOOL_DEFINITIONS } from './tool-definitions.js';
export { operationName } from './tool.js';
