import { AsyncLocalStorage } from 'node:async_hooks';
import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';
import { beginningOf } from './shortened.js';

/** The log of the service that is currently running. */
const current = new AsyncLocalStorage<Logger>();

/**
 * Starts a service, one of several in a process: what it logs through Nest goes to `log`, including from its connections
 * and timers. Nest has one logger for the whole process, that of the application created last.
 */
export function withLog<T>(log: Logger, start: () => T): T {
  return current.run(log, start);
}

/** Writes Nest's messages to the log of the service that they are about; to `log` outside of {@link withLog}. */
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

  /** Nest passes the context (the logging class) last, and for errors a stack before it. */
  #write(level: 'debug' | 'warn' | 'error' | 'fatal', message: unknown, rest: readonly unknown[]): void {
    const log = current.getStore() ?? this.#log;
    const context = rest.at(-1);
    const fields = typeof context === 'string' ? { context } : {};
    if (message instanceof Error) log[level]({ ...fields, err: message }, beginningOf(message.message));
    else if (typeof message === 'string') log[level]({ ...fields, ...stackIn(rest) }, beginningOf(message));
    else log[level]({ ...fields, ...(message ?? {}) });
  }
}

function stackIn(rest: readonly unknown[]): { stack?: string } {
  const stack = rest.length > 1 ? rest[0] : undefined;
  return typeof stack === 'string' ? { stack } : {};
}
