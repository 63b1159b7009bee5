import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';

/** How much is logged, from most to least. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogOptions {
  /** Which service speaks. */
  readonly service: string;
  readonly level: LogLevel;
  /** Values that must never appear, wherever they come from: the service's own credentials. */
  readonly secrets: readonly string[];
  /** Standard output, unless told otherwise. */
  readonly destination?: DestinationStream;
}

/** An id and what follows it in a key, whatever stands before and however the underscore is written: the id is public. */
const KEY = /([0-9A-Za-z]{22})(?:_|%5f)[0-9A-Za-z]{8,}/gi;
/** A hash as bcrypt writes it. */
const HASH = /\$2[aby]\$\d\d\$[./A-Za-z0-9]{20,53}/g;
/** What follows `Bearer ` in a header that was quoted by somebody's error message. */
const BEARER = /(\bbearer\s+)(?!sk_)[\w.~+/-]{8,}=*/gi;
/** The password in an address. */
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@"]*):[^\s@"]+@/gi;

/**
 * Structured logs, a JSON object a line. Each finished line is searched for keys, credentials and passwords, so that
 * none gets out through an error message of a library that quotes its input.
 */
export function createLog({ service, level, secrets, destination }: LogOptions): Logger {
  const known = secrets.filter((secret) => secret !== '');
  const streamWrite = (line: string) => withoutSecrets(line, known);
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

/**
 * An error without the fields that libraries hang on theirs: a failed statement carries its parameters, and PostgreSQL's
 * detail the whole row.
 */
function describe(err: unknown): Record<string, unknown> {
  if (!(err instanceof Error)) return { message: String(err) };
  const { name: type, message, stack, cause } = err;
  return {
    type,
    message,
    stack,
    ...('code' in err && { code: err.code }),
    ...(cause !== undefined && { cause: describe(cause) }),
  };
}

/** `text` with every key, bearer token, password in an address and known secret blacked out. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let clean = text
    .replace(KEY, '$1_[redacted]')
    .replace(HASH, '[redacted]')
    .replace(BEARER, '$1[redacted]')
    .replace(URL_PASSWORD, '$1:[redacted]@');
  for (const secret of secrets) clean = clean.replaceAll(secret, '[redacted]');
  return clean;
}

/** Nest's own messages in the same log. */
export class NestLog implements LoggerService {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.#write('debug', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.#write('warn', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.#write('error', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.#write('debug', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.#write('fatal', message, rest);
  }

  /** Nest hands over the context (the class that speaks) last, and for errors a stack before it. */
  #write(level: 'debug' | 'warn' | 'error' | 'fatal', message: unknown, rest: readonly unknown[]): void {
    const context = rest.at(-1);
    const fields = typeof context === 'string' ? { context } : {};
    if (message instanceof Error) this.#log[level]({ ...fields, err: message }, message.message);
    else if (typeof message === 'string') this.#log[level]({ ...fields, ...stackIn(rest) }, message);
    else this.#log[level]({ ...fields, ...(message ?? {}) });
  }
}

function stackIn(rest: readonly unknown[]): { stack?: string } {
  const stack = rest.length > 1 ? rest[0] : undefined;
  return typeof stack === 'string' ? { stack } : {};
}
