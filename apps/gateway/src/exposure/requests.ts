import { TextList } from '#libs/fields';

/** How many keys one request may report. */
const MAX_CREDENTIALS = 1000;

export class RevokeCredentialsBody {
  /** Of any form: whether a text is a key is never told. */
  @TextList(`Credentials must be a list of 1 to ${MAX_CREDENTIALS} texts.`, {
    max: MAX_CREDENTIALS,
    each: /^/,
  })
  credentials!: readonly string[];
}
