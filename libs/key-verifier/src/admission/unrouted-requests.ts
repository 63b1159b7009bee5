import { clientAddress } from '#libs/client-address';
import type { Authentication } from '../authentication/authentication.js';
import type { Authenticator } from '../authentication/authenticator.js';
import { type CredentialCarrier, readCredentials } from '../authentication/credentials.js';
import type { Sender } from '../limits/failed-authentications.js';
import type { KeyActivity } from '../reports/key-activity.js';
import type { Log } from '../log.js';
import { isLater } from '../now-or-later.js';

/** The pattern for requests without a route. */
const NO_ROUTE = '/*';

/**
 * Requests that match no route, and so reach no guard. Those with a key are recorded in its activity, so that people see
 * whether someone probes with a stolen key.
 */
export class UnroutedRequests {
  readonly #log: Log;
  readonly #authenticator: Authenticator;
  readonly #activity: KeyActivity;
  readonly #keyPrefix: string;

  constructor(parts: { authenticator: Authenticator; activity: KeyActivity; keyPrefix: string; log: Log }) {
    this.#authenticator = parts.authenticator;
    this.#activity = parts.activity;
    this.#keyPrefix = parts.keyPrefix;
    this.#log = parts.log;
  }

  /** Records such a request once it was answered. Its key is verified like any other, after the response. */
  note(req: CredentialCarrier & Sender & { readonly method: string }, status: number): void {
    const credentials = readCredentials(req, this.#keyPrefix);
    if (credentials.outcome !== 'bearer') return;
    // Read now: a closed socket no longer knows its address.
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
      this.#log.warn({ err, msg: 'a request that matched no route could not be recorded' });
    });
  }
}

function keyIdOf(authentication: Authentication): string | undefined {
  if (authentication.outcome === 'authenticated') return authentication.principal.keyId;
  return authentication.outcome === 'refused' ? authentication.keyId : undefined;
}
