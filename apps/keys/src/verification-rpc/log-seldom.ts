import type { Logger } from '@nestjs/common';

/** How often something is logged at most, in milliseconds. */
const EVERY_MS = 10_000;

/** A warning that anybody who reaches the port can cause: written now and then, so that they cannot fill the log. */
export class LogSeldom {
  readonly #logger: Logger;
  #loggedAt = -Infinity;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  warn(message: Readonly<Record<string, unknown>>): void {
    if (performance.now() - this.#loggedAt < EVERY_MS) return;
    this.#loggedAt = performance.now();
    this.#logger.warn(message);
  }
}
