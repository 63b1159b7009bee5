/** Values of an Authorization header of any length and bytes, reproducible by their seed. */
export class RandomHeaders {
  #state: number;
  /** How many of those returned were the key itself. */
  genuine = 0;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** One third each: random bytes, something like a Bearer header, and the changed key. */
  next(token: string): string {
    switch (this.#below(3)) {
      case 0:
        return this.#bytes(this.#length());
      case 1:
        return `${this.#pick(['Bearer', 'bearer', 'BEARER', 'Basic', 'Bearer:', ''])} ${this.#bytes(this.#length())}`;
      default: {
        const changed = this.#changed(token);
        if (changed === token) this.genuine++;
        return `Bearer ${changed}`;
      }
    }
  }

  #changed(token: string): string {
    const at = this.#below(token.length);
    switch (this.#below(5)) {
      case 0:
        return token.slice(0, at) + this.#bytes(1).replace(/\s/, '_') + token.slice(at + 1);
      case 1:
        return token.slice(0, at);
      case 2:
        return token + token.slice(at);
      case 3:
        return token.slice(at) + token.slice(0, at);
      default:
        return this.#below(50) === 0 ? token : token.toUpperCase();
    }
  }

  /** Mostly short; now and then thousands of bytes, of the 16 KiB that Node reads of all headers. */
  #length(): number {
    return this.#pick([
      this.#below(8),
      this.#below(100),
      this.#below(700),
      this.#below(60) ? 77 : this.#below(8000),
    ]);
  }

  /** Any byte that a header may contain (RFC 9110 section 5.5): all but zero, line feed and carriage return. */
  #bytes(length: number): string {
    let bytes = '';
    while (bytes.length < length) {
      const byte = this.#below(256);
      const isControl = (byte < 0x20 && byte !== 0x09) || byte === 0x7f;
      if (!isControl) bytes += String.fromCharCode(byte);
    }
    return bytes;
  }

  #pick<T>(from: readonly T[]): T {
    const picked = from[this.#below(from.length)];
    if (picked === undefined) throw new RangeError('nothing to pick from');
    return picked;
  }

  /** An integer from 0 to `end` - 1, by a xorshift generator. */
  #below(end: number): number {
    let x = this.#state | 1;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return (x >>> 0) % end;
  }
}
