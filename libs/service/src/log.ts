import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import { MAX_TEXT, beginningOf, shortened } from './shortened.js';
import { withoutSecrets } from './without-secrets.js';

/** How much is logged, from most to least. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogOptions {
  /** The service's name. */
  readonly service: string;
  readonly level: LogLevel;
  /** Values that must never appear, wherever they come from: the service's own credentials. */
  readonly secrets: readonly string[];
  /** Default: standard output. */
  readonly destination?: DestinationStream;
}

/**
 * Structured logs, one JSON object per line. Each finished line is shortened, since strangers choose how long a path or a
 * message is, and searched for keys, credentials and passwords, so that none gets out through an error message of a
 * library that quotes its input.
 */
export function createLog({ service, level, secrets, destination }: LogOptions): Logger {
  const known = withEscaped(secrets.filter((secret) => secret !== ''));
  const streamWrite = (line: string) => withoutSecrets(shortened(line, known), known);
  const options = {
    level,
    base: { service },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    hooks: { streamWrite },
    serializers: { err: describe },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** As they are, and as in JSON if they contain quotes or backslashes. */
function withEscaped(secrets: readonly string[]): readonly string[] {
  return [...new Set(secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]))];
}

/**
 * An error without the properties that libraries add: a failed statement has its parameters, and PostgreSQL's detail the
 * whole row.
 */
function describe(err: unknown): Record<string, unknown> {
  if (!(err instanceof Error)) return { message: beginningOf(String(err)) };
  const { name: type, message, cause } = err;
  return {
    type,
    message: beginningOf(message),
    stack: stackOf(err),
    ...('code' in err && { code: err.code }),
    ...(cause !== undefined && { cause: describe(cause) }),
  };
}

/** If the message is long, only the stack after it, since the line will be cut. */
function stackOf({ message, stack }: Error): string | undefined {
  if (stack === undefined || message.length <= MAX_TEXT) return stack;
  return beginningOf(stack.slice(stack.indexOf(message) + message.length));
}
