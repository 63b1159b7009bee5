/** The received bytes are not a message. The error quotes nothing of them: anyone who reaches the port may send anything. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** A length, before its `#`. */
const HEADER = /^[1-9][0-9]{0,8}$/;
const MAX_HEADER = 9;

/**
 * Splits the bytes of a connection into messages, as Nest's `JsonSocket` writes them: the length in characters, `#`, and
 * that many characters. Nest's reader searches for the `#` in everything received so far each time something arrives, so
 * that a sender without one makes each byte more expensive than the one before. This one looks at each character once.
 */
export class FrameReader {
  readonly #maxLength: number;
  /** What was received of a length, while its `#` is missing. */
  #header = '';
  /** What was received of a message whose length is known, and how much is missing. */
  #parts: string[] = [];
  #missing = 0;

  /** `maxLength`: of a message, in characters. */
  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  /** Whether it is in the middle of a message. */
  get isWithin(): boolean {
    return this.#missing > 0 || this.#header !== '';
  }

  /** The messages that end within `text`, in order. Throws a {@link FrameError}, after which nothing can be read. */
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

  /** Where the message begins, or the end of the text if the length continues beyond it. */
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
