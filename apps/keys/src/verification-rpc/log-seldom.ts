import type { Logger } from '@nestjs/common';

/** What is wrong with messages to the verification RPC, for the log: their senders get no reason. */
export const WARNINGS = {
  verify_credential_wrong: 'a message to the verification RPC has a wrong `KEYS_VERIFY_TOKEN`',
  verify_message_without_id: 'a message to the verification RPC has no ID, as those of gateways do',
  verify_message_unreadable: 'a message to the verification RPC cannot be read',
  report_entries_ignored: 'a gateway has reported what cannot be recorded',
} as const;

interface Warning {
  readonly reason: keyof typeof WARNINGS;
  readonly msg: string;
  readonly [detail: string]: unknown;
}

/** The minimum time between two warnings, in milliseconds. */
const EVERY_MS = 10_000;

/** A warning that anyone who can reach the port can cause: rate-limited, so that they cannot fill the log. */
export class LogSeldom {
  readonly #logger: Logger;
  #loggedAt = -Infinity;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  warn(warning: Warning): void {
    if (performance.now() - this.#loggedAt < EVERY_MS) return;
    this.#loggedAt = performance.now();
    this.#logger.warn(warning);
  }
}
