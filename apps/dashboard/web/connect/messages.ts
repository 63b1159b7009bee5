/** What the ready configurations are surrounded by. Their own texts are in libs/client-configuration. */
export const connectMessages = {
  heading: 'Connect',
  panel: 'Connect',
  clients: 'Programs',
  terminal: 'Terminal',
  copy: 'Copy',
  placeholder: (placeholder: string) =>
    `Put the whole key in place of \`${placeholder}\`. It was shown only once: if you don’t have it, rotate this key.`,
  noTools: 'This key has no capability that an MCP tool needs, so this client won’t find any tools.',
};
