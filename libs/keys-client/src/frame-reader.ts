/** What came is no message. Its sentence quotes nothing of it: anybody who reaches the port may send anything. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** A length and its `#`. */
const HEADER = /^[1-9][0-9]{0,8}$/;
const MAX_HEADER = 9;

/**
 * Cuts what comes over a connection into messages, as Nest's `JsonSocket` writes them: the length in characters, `#`, and
 * as many characters. Nest's own reader looks for the `#` in all that has come so far, anew with each piece of it, so that
 * a sender without one makes each byte dearer than the one before. Here each character is looked at once.
 */
export class FrameReader {
  readonly #maxLength: number;
  /** What has come of a length whose `#` is still to come. */
  #header = '';
  /** What has come of the message whose length is known, and how much is still to come. */
  #parts: string[] = [];
  #missing = 0;

  /** `maxLength`: of a message, in characters. */
  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  /** Whether it has begun to read a message and not come to its end. */
  get isWithin(): boolean {
    return this.#missing > 0 || this.#header !== '';
  }

  /** The messages that end within `text`, in their order. Throws a {@link FrameError}, after which nothing can be read. */
  *read(text: string): Generator<string, void> {
    for (let at = 0; at < text.length;) {
      if (this.#missing === 0) at = this.#readLength(text, at);
      const end = Math.min(at + this.#missing, text.length);
      const part = text.slice(at, end);
      this.#missing -= end - at;
      at = end;
      if (this.#missing > 0) this.#parts.push(part);
      else if (part !== '') yield this.#whole(part);
    }
  }

  /** Where the message begins, or the end of the text when the length goes on beyond it. */
  #readLength(text: string, at: number): number {
    const rest = MAX_HEADER + 1 - this.#header.length;
    const length = text.slice(at, at + rest).indexOf('#');
    const digits = this.#header + text.slice(at, length < 0 ? at + rest : at + length);
    if (length < 0 && digits.length <= MAX_HEADER) {
      this.#header = digits;
      return text.length;
    }
    if (!HEADER.test(digits)) throw new FrameError('it does not begin with its length');
    if (Number(digits) > this.#maxLength)
      throw new FrameError(`it is longer than ${this.#maxLength} characters`);
    this.#header = '';
    this.#missing = Number(digits);
    return at + length + 1;
  }

  #whole(last: string): string {
    if (this.#parts.length === 0) return last;
    const whole = this.#parts.join('') + last;
    this.#parts = [];
    return whole;
  }
}
