/**
 * Where the engine logs: Nest's `Logger`, pino's, Fastify's and the console all fit. An entry is a sentence, or an object
 * with the sentence as `msg` and its cause as `err`.
 */
export interface Log {
  debug(entry: string | object): void;
  warn(entry: string | object): void;
  error(entry: string | object): void;
}

/** Logs nothing. */
export const SILENT: Log = { debug: () => undefined, warn: () => undefined, error: () => undefined };
