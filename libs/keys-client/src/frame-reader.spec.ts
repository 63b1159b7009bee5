import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FrameError, FrameReader } from './frame-reader.js';

const frame = (message: string): string => `${message.length}#${message}`;

/** The messages in the pieces. */
function read(pieces: readonly string[], maxLength = 1000): string[] {
  const reader = new FrameReader(maxLength);
  return pieces.flatMap((piece) => [...reader.read(piece)]);
}

describe('messages on a connection', () => {
  it('are read as they were sent, in whatever pieces they arrive', () => {
    const messages = fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }));
    fc.assert(
      fc.property(messages, fc.infiniteStream(fc.integer({ min: 0, max: 20 })), (sent, lengths) => {
        let rest = sent.map(frame).join('');
        const pieces: string[] = [];
        for (const length of lengths) {
          if (rest === '') break;
          pieces.push(rest.slice(0, length));
          rest = rest.slice(length);
        }
        expect(read(pieces)).toEqual(sent);
      }),
    );
  });

  it('are complete as soon as their last character has arrived', () => {
    const reader = new FrameReader(10);
    expect([...reader.read('3')]).toEqual([]);
    expect(reader.isWithin).toBe(true);
    expect([...reader.read('#ab')]).toEqual([]);
    expect(reader.isWithin).toBe(true);
    expect([...reader.read('c')]).toEqual(['abc']);
    expect(reader.isWithin).toBe(false);
  });

  it.each([
    ['none', 'GET / HTTP/1.1\r\n'],
    ['one without its length', '#abc'],
    ['a length of zero', '0#'],
    ['a negative length', '-3#abc'],
    ['a length with a fraction', '1.5#ab'],
    ['a length with leading zeros', '0000000003#abc'],
    ['one that is too long', '11#abcdefghijk'],
    ['an invalid one after a valid one', `${frame('abc')}abc#`],
  ])('are refused: %s', (_, text) => {
    expect(() => read([text], 10)).toThrow(FrameError);
    expect(() => read(Array.from(text), 10)).toThrow(FrameError);
  });

  it('are refused after ten characters without a #', () => {
    const reader = new FrameReader(1000);
    expect([...reader.read('123456789')]).toEqual([]);
    expect(() => [...reader.read('0')]).toThrow(FrameError);
  });
});
