import type { Email, KeyNews } from './key-news.js';
import { keysItself } from '../audit/origin.js';

/** A key by what its owner recognizes it by. */
export interface NamedKey {
  readonly name: string;
  readonly last4: string;
  readonly isRevoked: boolean;
}

/** What an email says, before it is text or HTML. Everything is plain text. */
export interface EmailContent {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  /** One line each. */
  readonly list: readonly string[];
  /** What to do, after the list. */
  readonly advice: readonly string[];
}

/** What an owner is told, in `title`'s name. `keys`: those that the email is about, by ID. */
export function composeEmail(
  { news, more }: Email,
  keys: ReadonlyMap<string, NamedKey>,
  title: string,
): EmailContent {
  const keyOf = ({ keyId }: KeyNews): NamedKey =>
    keys.get(keyId) ?? { name: 'unknown', last4: '????', isRevoked: true };
  const [first, ...others] = news;
  if (others.length === 0 && more === 0) return aboutOne(first, keyOf(first), title);
  const list = news.map((one) => `${named(keyOf(one))} ${inShort(one, title)}`);
  const count = news.length + more;
  return {
    subject: `[${oneLine(title)}] ${count} notices about your API keys`,
    paragraphs: ['This is what there is to know about API keys of yours that need no email of their own:'],
    list: more === 0 ? list : [...list, `and ${more} more, which the dashboard shows.`],
    advice: ['Create a replacement for each key that you still need, and revoke the others.'],
  };
}

function aboutOne(news: KeyNews, key: NamedKey, title: string): EmailContent {
  const { what, advice } = said(news, key);
  return {
    subject: `[${oneLine(title)}] API key ${named(key)} ${what}`,
    paragraphs: [`Your API key ${named(key)} ${inShort(news, title)}`],
    list: [],
    advice,
  };
}

/** `what`: for the subject. `advice`: what to do now. */
function said(news: KeyNews, { isRevoked }: NamedKey): { what: string; advice: readonly string[] } {
  switch (news.kind) {
    case 'created':
      return { what: 'was created', advice: ['If you do not know why, revoke it now.'] };
    case 'revoked':
      return {
        what: 'was revoked',
        advice: ['Programs that use it get 401. If they are still needed, create another key for them.'],
      };
    case 'paused':
      return { what: 'was paused', advice: ['Programs that use it get 401 until it is resumed.'] };
    case 'exposed':
      return {
        what: isRevoked ? 'was exposed, and is revoked' : 'was exposed',
        advice: isRevoked
          ? ['It is revoked: programs that use it get 401. Create another key for them, and look for misuse.']
          : ['It still works. Revoke it now, create another key, and look for misuse.'],
      };
    case 'expiring':
      return {
        what: `expires ${inDays(news.daysLeft)}`,
        advice: [
          'From then on, programs that use it get 401. Create a replacement before, if it is still needed.',
        ],
      };
    case 'expired':
      return {
        what: 'has expired',
        advice: ['Programs that use it get 401. If they are still needed, create another key for them.'],
      };
    case 'unused':
      return {
        what: 'will be revoked unless it is used',
        advice: ['To keep it, use it once before. Otherwise you need not do anything.'],
      };
  }
}

/** The rest of a sentence that begins with the key. */
function inShort(news: KeyNews, title: string): string {
  switch (news.kind) {
    case 'created':
      return news.by === null ? 'was created.' : `was created by ${who(news.by, title)}.`;
    case 'revoked': {
      const why = news.reason === null ? '' : `: ${oneLine(news.reason)}`;
      return `was revoked by ${who(news.by, title)}${why}.`;
    }
    case 'paused':
      return `was paused by ${who(news.by, title)}.`;
    case 'exposed':
      // Where it was found is not said: whoever has the key can report any URL, and would reach its owner with it.
      return `was seen by others, as a report says (${oneLine(news.source)}).`;
    case 'expiring':
      return `expires ${inDays(news.daysLeft)}, on ${utc(news.expiresAt)}.`;
    case 'expired':
      return `has expired on ${utc(news.expiresAt)}.`;
    case 'unused':
      return `was not used for long, and will be revoked on ${utc(news.revokeAt)} unless it is used.`;
  }
}

function named({ name, last4 }: NamedKey): string {
  return `“${oneLine(name)}” (…${oneLine(last4)})`;
}

function who(by: string, title: string): string {
  return by === keysItself.actor ? oneLine(title) : `“${oneLine(by)}”`;
}

function inDays(days: number): string {
  if (days <= 0) return 'today';
  return days === 1 ? 'in 1 day' : `in ${days} days`;
}

/** `2027-02-07 12:00 UTC`. */
function utc(moment: string): string {
  return `${new Date(moment).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Line breaks, other control characters, and those that reorder or hide text. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]+/gu;

/** What others have chosen, such as a name: on one line, and not endless. */
function oneLine(text: string): string {
  return Array.from(text.replace(UNPRINTABLE, ' ').trim()).slice(0, 200).join('');
}
