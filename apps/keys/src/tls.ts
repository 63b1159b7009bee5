import { X509Certificate, createPrivateKey } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { SettingsError } from '#libs/settings';
import type { KeysSettings } from './keys-settings.js';

/** The certificate and key of both interfaces. */
export interface Tls {
  readonly cert: string;
  readonly key: string;
}

type TlsSettings = Pick<KeysSettings, 'KEYS_TLS_CERT' | 'KEYS_TLS_KEY'>;

/** The certificate of the settings and its key, if set. Throws a {@link SettingsError} if they do not match. */
export function tlsOf({ KEYS_TLS_CERT: cert, KEYS_TLS_KEY: key }: TlsSettings): Tls | undefined {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined)
    throw new SettingsError(['KEYS_TLS_CERT and KEYS_TLS_KEY belong together: set both, or none.']);
  // The first is the service's own; intermediates follow (RFC 8446 section 4.4.2).
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
    throw new SettingsError([
      'KEYS_TLS_KEY is not the key of the first certificate in KEYS_TLS_CERT, which must be the service’s own.',
    ]);
  try {
    createSecureContext({ cert, key });
  } catch (err) {
    const why = err instanceof Error ? err.message : String(err);
    throw new SettingsError([`KEYS_TLS_CERT and KEYS_TLS_KEY cannot be used (${why}).`]);
  }
  return { cert, key };
}
