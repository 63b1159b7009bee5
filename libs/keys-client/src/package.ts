// The package @lebureau/keys-client: the management API alone.
export { ManageClient, type ManageClientOptions, ManageRefused, ManageUnreachable } from './manage-client.js';
export { pagesOf } from './pages.js';
export * from '#libs/keys-contract';
