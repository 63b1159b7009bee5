import { type KeyId, findPastedKeyId } from '#libs/key-format';
import { ManageRefused } from '#libs/keys-client';

/** The id of a key and what follows it: the secret, whole or in part. */
const SECRET = /[0-9A-Za-z]{22}_[0-9A-Za-z]{8}/;

/** The secret of a key by itself. */
const SECRET_ALONE = /(?:^|[^0-9A-Za-z])[0-9A-Za-z]{46}(?![0-9A-Za-z])/;

/**
 * The id of a key in whatever was pasted: people have it in quotes, behind `Bearer `, or with a line break at its end.
 * Nothing else of it leaves this machine, and no sentence repeats it: it may be a secret.
 */
export function keyIdIn(pasted: string): KeyId {
  const id = findPastedKeyId(pasted);
  if (id !== undefined) return id;
  throw usageError(
    'No key ID found. It is the 22 characters after sk_live_ in a key: paste it, or the whole key.',
  );
}

/** Refuses a key where none belongs, such as in a name, before it is sent anywhere. */
export function refuseKeysIn(
  arguments_: Readonly<Record<string, string | readonly string[] | undefined>>,
): void {
  for (const [what, given] of Object.entries(arguments_)) {
    if ([given].flat().some((text) => text !== undefined && (SECRET.test(text) || SECRET_ALONE.test(text)))) {
      throw usageError(
        `The ${what} contains a whole key, which is a secret. Nothing was sent. Leave the key out.`,
      );
    }
  }
}

/** A command or its input is wrong. Nothing was sent. */
export function usageError(sentence: string): ManageRefused {
  return new ManageRefused(400, 'invalid_request', sentence, {});
}
