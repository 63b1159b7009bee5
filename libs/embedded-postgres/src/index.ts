// For the launcher, and for tests.
export { EmbeddedPostgres, type EmbeddedPostgresOptions, FolderInUse } from './embedded-postgres.js';
export type { Binaries } from './binaries.js';
export { type PostmasterNote, readNote } from './postmaster-note.js';
