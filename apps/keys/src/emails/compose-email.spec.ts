import { describe, expect, it } from '@jest/globals';
import { type NamedKey, composeEmail } from './compose-email.js';
import type { Email, KeyNews } from './key-news.js';
import { newsOf } from './news-of-event.js';
import { renderHtml, renderText } from './render-email.js';

const KEY: NamedKey = { name: 'Production CI', last4: 'x7Qa', isRevoked: false };

const compose = (news: KeyNews, key = KEY) =>
  composeEmail({ ownerId: 'ada', news: [news], more: 0 }, new Map([['k', key]]), 'Le Bureau');

describe('an email about one key', () => {
  it.each<[KeyNews, Partial<NamedKey>, string, string]>([
    [{ kind: 'created', keyId: 'k', by: null }, {}, 'was created', 'was created.'],
    [
      { kind: 'revoked', keyId: 'k', by: 'keys', reason: 'unused for 60 days' },
      {},
      'was revoked',
      'was revoked by Le Bureau: unused for 60 days.',
    ],
    [{ kind: 'paused', keyId: 'k', by: 'cli' }, {}, 'was paused', 'was paused by “cli”.'],
    [
      { kind: 'exposed', keyId: 'k', source: 'github' },
      { isRevoked: true },
      'was exposed, and is revoked',
      'was seen by others, as a report says (github).',
    ],
    [{ kind: 'exposed', keyId: 'k', source: 'x' }, {}, 'was exposed', 'as a report says (x).'],
    [
      { kind: 'expiring', keyId: 'k', expiresAt: '2027-02-07T12:00:59Z', daysLeft: 1 },
      {},
      'expires in 1 day',
      'expires in 1 day, on 2027-02-07 12:00 UTC.',
    ],
    [
      { kind: 'unused', keyId: 'k', revokeAt: '2027-02-07T12:00:00Z' },
      {},
      'will be revoked unless it is used',
      'will be revoked on 2027-02-07 12:00 UTC unless it is used.',
    ],
  ])('names the key, and says what happened: %j %j', (news, more, subject, sentence) => {
    const content = compose(news, { ...KEY, ...more });
    expect(content.subject).toBe(`[Le Bureau] API key “Production CI” (…x7Qa) ${subject}`);
    const [paragraph = ''] = content.paragraphs;
    expect(paragraph).toMatch(/^Your API key “Production CI” \(…x7Qa\) /);
    expect(paragraph.endsWith(sentence)).toBe(true);
    expect(content.advice.join('')).not.toBe('');
  });

  it('says of an exposed key whether it still works', () => {
    const news = { kind: 'exposed', keyId: 'k', source: 'x' } as const;
    expect(compose(news).advice).toEqual([
      'It still works. Revoke it now, create another key, and look for misuse.',
    ]);
    expect(compose(news, { ...KEY, isRevoked: true }).advice[0]).toMatch(/^It is revoked/);
  });

  it('has what others have chosen on one line, in its order, and escaped', () => {
    const name = 'a\r\nBcc: eve@example.com\u2028\u202e<b>&\u0000"';
    const content = compose({ kind: 'created', keyId: 'k', by: "'\u2066<i>" }, { ...KEY, name });
    expect(content.subject).toBe('[Le Bureau] API key “a Bcc: eve@example.com <b>& "” (…x7Qa) was created');
    const html = renderHtml(content, { title: '<T>', link: 'https://x.example/?a="b"' });
    expect(html).toContain(
      '“a Bcc: eve@example.com &lt;b&gt;&amp; &quot;” (…x7Qa) was created by “&#39; &lt;i&gt;”.',
    );
    expect(html).toContain('href="https://x.example/?a=&quot;b&quot;"');
    expect(html).toContain('<title>&lt;T&gt;</title>');
  });
});

describe('an email about several keys', () => {
  it('has a line for each, and says how many more there are', () => {
    const expired = { kind: 'expired', keyId: 'k', expiresAt: '2027-02-07T12:00:00Z' } as const;
    const email: Email = { ownerId: 'ada', news: [expired, { ...expired, keyId: 'gone' }], more: 7 };
    const content = composeEmail(email, new Map([['k', KEY]]), 'Le Bureau');
    expect(content.subject).toBe('[Le Bureau] 9 notices about your API keys');
    expect(renderText(content, { title: 'Le Bureau', link: undefined })).toContain(
      `- “Production CI” (…x7Qa) has expired on 2027-02-07 12:00 UTC.
- “unknown” (…????) has expired on 2027-02-07 12:00 UTC.
- and 7 more, which the dashboard shows.`,
    );
  });
});

describe('the emails of an owner', () => {
  const change = { actor: 'grace', ownerId: 'ada', keyId: 'k', details: {} };
  const expiresAt = '2027-02-07T12:00:00Z';
  const told = (action: string, more: object = {}) => newsOf({ ...change, action, ...more });

  it('leave out what they did themselves, except for new keys', () => {
    for (const action of ['key.revoked', 'key.paused']) {
      expect(told(action)).toMatchObject({ when: 'now', news: { by: 'grace' } });
      expect(told(action, { actor: 'ada' })).toBeUndefined();
    }
    expect(told('key.issued', { actor: 'ada' })).toMatchObject({ when: 'now', news: { by: null } });
  });

  it('are one for a key that was reported and revoked, however many reports there are', () => {
    expect(told('key.revoked', { details: { reason: 'reported as exposed' } })).toBeUndefined();
    const once = [true, true, false].map(
      (revokes) => told('key.exposed', { details: { source: 'x', revokes } })?.once,
    );
    expect(once).toEqual([once[1], once[0], expect.not.stringContaining(String(once[0]))]);
  });

  it.each([
    ['2027-01-02T12:00:00Z', 'now'],
    ['2026-12-31T11:00:00Z', 'digest'],
    [null, 'digest'],
  ])(
    'are sent at once about an expiry if the key was used in the month before: last used %s',
    (lastUsedAt, when) => {
      const details = { expiresAt, lastUsedAt, daysLeft: 7 };
      expect(told('key.expiring', { details })).toMatchObject({ when, news: { kind: 'expiring' } });
    },
  );

  it('is nothing for the rest, and for what only a newer version knows', () => {
    for (const action of ['key.resumed', 'key.expiry_set', 'owner.suspended', 'key.renamed'])
      expect(told(action)).toBeUndefined();
  });
});
