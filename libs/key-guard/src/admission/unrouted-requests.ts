import { Logger } from '@nestjs/common';
import { clientAddress } from '#libs/client-address';
import type { Authentication } from '../authentication/authentication.js';
import type { Authenticator } from '../authentication/authenticator.js';
import { type CredentialCarrier, readCredentials } from '../authentication/credentials.js';
import type { Sender } from '../limits/failed-authentications.js';
import type { KeyActivity } from '../reports/key-activity.js';
import { isLater } from '../now-or-later.js';

/** The pattern of what no route takes. */
const NO_ROUTE = '/*';

/**
 * Requests that no route takes, so that no guard sees them. Those that carry a key are noted in its activity: somebody who
 * probes with a stolen key is to be seen.
 */
export class UnroutedRequests {
  readonly #logger = new Logger(UnroutedRequests.name);
  readonly #authenticator: Authenticator;
  readonly #activity: KeyActivity;
  readonly #keyPrefix: string;

  constructor(parts: { authenticator: Authenticator; activity: KeyActivity; keyPrefix: string }) {
    this.#authenticator = parts.authenticator;
    this.#activity = parts.activity;
    this.#keyPrefix = parts.keyPrefix;
  }

  /** Says that such a request was answered. Keys is asked about it as about any other key, after the answer. */
  note(req: CredentialCarrier & Sender & { readonly method: string }, status: number): void {
    const credentials = readCredentials(req, this.#keyPrefix);
    if (credentials.outcome !== 'bearer') return;
    // Read now: a socket that is closed no longer knows whose it was.
    const made = { route: `${req.method} ${NO_ROUTE}`, status, address: clientAddress(req.ip) };
    const noteIfKnown = (authentication: Authentication): void => {
      const keyId = keyIdOf(authentication);
      if (keyId !== undefined) this.#activity.note({ ...made, keyId });
    };
    const found = this.#authenticator.authenticate(credentials.token);
    if (!isLater(found)) {
      noteIfKnown(found);
      return;
    }
    found.then(noteIfKnown).catch((err: unknown) => {
      this.#logger.warn({ err, msg: 'a request that no route takes could not be noted' });
    });
  }
}

function keyIdOf(authentication: Authentication): string | undefined {
  if (authentication.outcome === 'authenticated') return authentication.principal.keyId;
  return authentication.outcome === 'refused' ? authentication.keyId : undefined;
}
