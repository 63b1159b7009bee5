import { type KeyId, findPastedKeyId } from '#libs/key-format';
import { ManageRefused } from '#libs/keys-client';

/** The ID of a key, followed by at least the start of its secret. */
const SECRET = /[0-9A-Za-z]{22}_[0-9A-Za-z]{8}/;

/** The secret part of a key without the rest. */
const SECRET_ALONE = /(?:^|[^0-9A-Za-z])[0-9A-Za-z]{46}(?![0-9A-Za-z])/;

/**
 * The key ID in pasted text, which may have quotes, `Bearer ` or a line break around it. Only the ID leaves this machine,
 * and no error repeats the text, since it may contain a secret.
 */
export function keyIdIn(pasted: string): KeyId {
  const id = findPastedKeyId(pasted);
  if (id !== undefined) return id;
  throw usageError('No key ID found. Paste the whole key, or the 22 characters after sk_live_.');
}

/** Refuses a key pasted where none belongs, such as in a name, before anything is sent. */
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

/** The command or its input is invalid; nothing was sent. */
export function usageError(sentence: string): ManageRefused {
  return new ManageRefused(400, 'invalid_request', sentence, {});
}
