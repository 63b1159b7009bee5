import { AsyncLocalStorage } from 'node:async_hooks';
import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';
import { beginningOf } from './shortened.js';

/** The log of the service that is at work. */
const current = new AsyncLocalStorage<Logger>();

/**
 * Starts a service, of several in one process: whatever it sets in motion, connections and timers included, is written
 * to `log` when it speaks through Nest. Nest has one logger for the whole process, that of the application made last.
 */
export function withLog<T>(log: Logger, start: () => T): T {
  return current.run(log, start);
}

/** Nest's own messages in the log of the service that they are about; that is `log` where {@link withLog} says nothing. */
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
