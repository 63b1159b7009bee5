import { describe, expect, it } from '@jest/globals';
import { createHmac, randomBytes } from 'node:crypto';
import { HmacSha256 } from './hmac.js';

describe('HMAC-SHA-256', () => {
  it('computes the second test case of RFC 4231', () => {
    const mac = new HmacSha256('Jefe').digest('what do ya want for nothing?');
    expect(Buffer.from(mac, 'binary').toString('hex')).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });

  it('computes what Node does, for secrets shorter, as long as and longer than a block and texts of every length', () => {
    for (const secretLength of [1, 63, 64, 65, 200]) {
      const secret = randomBytes(secretLength).toString('base64').slice(0, secretLength);
      const hmac = new HmacSha256(secret);
      for (let length = 0; length <= 256; length++) {
        const text = 'k'.repeat(length);
        expect(hmac.digest(text)).toBe(createHmac('sha256', secret).update(text).digest('binary'));
      }
      // A longer text before it must leave nothing behind.
      expect(hmac.digest('é')).toBe(createHmac('sha256', secret).update('é').digest('binary'));
    }
  });

  it('refuses a text that is too long', () => {
    expect(() => new HmacSha256('secret').digest('é'.repeat(129))).toThrow(RangeError);
  });
});
