import { type KeyObject, createHmac, createPublicKey, hkdfSync, sign } from 'node:crypto';
import { deriveEd25519Key } from '#libs/signed-identity/signing';

/** What is signed (Standard Webhooks 1.0.0, "Signature scheme"). */
export interface SignedContent {
  /** The `webhook-id`. */
  readonly id: string;
  /** The `webhook-timestamp`: when this attempt is made, in seconds since 1970. */
  readonly timestamp: number;
  readonly body: string;
}

/**
 * The secrets and signatures of webhooks. Nothing of them is stored: they are derived from `WEBHOOK_SECRET`, the ID of the
 * webhook and the version of its secret. Each webhook has its own, so that a receiver cannot pass on what it got to another
 * one in our name.
 */
export class WebhookSigner {
  readonly #secrets: readonly string[];

  /** The first secret gives what is shown, all sign: see "Rotating secrets" in docs/operations.md. None: not set up. */
  constructor(secrets: readonly string[] = []) {
    this.#secrets = secrets;
  }

  /** Whether there is a `WEBHOOK_SECRET`. */
  get isSetUp(): boolean {
    return this.#secrets.length > 0;
  }

  /** What a receiver verifies the signatures of a version with. Throws if it is not set up. */
  keysOf(webhookId: string, version: number): { secret: string; publicKey: string } {
    const [secret] = this.#secrets;
    if (secret === undefined) throw new TypeError('WEBHOOK_SECRET is not set');
    return {
      secret: `whsec_${hmacKey(secret, webhookId, version).toString('base64')}`,
      publicKey: `whpk_${rawPublicKey(ed25519Key(secret, webhookId, version)).toString('base64')}`,
    };
  }

  /** The `webhook-signature`: a `v1` and a `v1a` for each version and secret. */
  sign(webhookId: string, versions: readonly number[], { id, timestamp, body }: SignedContent): string {
    const content = Buffer.from(`${id}.${timestamp}.${body}`);
    const signatures = versions.flatMap((version) =>
      this.#secrets.flatMap((secret) => [
        `v1,${createHmac('sha256', hmacKey(secret, webhookId, version))
          .update(content)
          .digest('base64')}`,
        `v1a,${sign(null, content, ed25519Key(secret, webhookId, version)).toString('base64')}`,
      ]),
    );
    return signatures.join(' ');
  }
}

function hmacKey(secret: string, webhookId: string, version: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `le-bureau webhook v1 ${webhookId}:${version}`, 32));
}

function ed25519Key(secret: string, webhookId: string, version: number): KeyObject {
  return deriveEd25519Key(secret, `le-bureau webhook v1a ${webhookId}:${version}`);
}

/** The 32 bytes of a public key (RFC 8032 section 5.1.5). */
function rawPublicKey(privateKey: KeyObject): Buffer {
  return Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).x ?? '', 'base64url');
}
