/**
 * The capabilities with which a key can use a tool of the MCP server. Written here because the table of the tools is too
 * large for a page; test/operations/documentation.spec.ts holds both equal.
 */
export const MCP_CAPABILITIES: readonly string[] = [
  'desktop:read',
  'desktop:lifecycle',
  'desktop:control',
  'desktop:chat',
  'schedule:read',
  'schedule:write',
  'kb:read',
];
