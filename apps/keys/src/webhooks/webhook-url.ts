import { isIP } from 'node:net';
import { isInternetAddress } from './internet-address.js';

/** A URL, always written the same way, or what is wrong with it, as a sentence. */
export type ReadUrl =
  | { readonly outcome: 'url'; readonly url: string }
  | { readonly outcome: 'url_refused'; readonly problem: string };

const EXAMPLE = 'URL must be one such as https://hooks.example.com/keys.';
const SETTING = 'unless WEBHOOK_ALLOW_PRIVATE is set at the keys service';

/** Which URLs webhooks may have. */
export class WebhookUrlRule {
  /** With `allowPrivate`, also `http:` and addresses of private networks. */
  constructor(private readonly allowPrivate: boolean) {}

  /**
   * Reads a URL. A name may resolve to anything at any time, so its addresses are checked when it is connected to: this only
   * tells people early what can never work.
   */
  read(text: string): ReadUrl {
    const problem = this.#problemOf(text);
    return problem === undefined
      ? { outcome: 'url', url: new URL(text).href }
      : { outcome: 'url_refused', problem };
  }

  #problemOf(text: string): string | undefined {
    if (!URL.canParse(text)) return EXAMPLE;
    const { protocol, hostname, username, password, hash } = new URL(text);
    if (protocol !== 'https:' && protocol !== 'http:') return EXAMPLE;
    if (username !== '' || password !== '')
      return 'URL must not have a user name or password. Receivers verify the signature instead.';
    if (hash !== '') return 'URL must not have a part after #.';
    if (this.allowPrivate) return undefined;
    if (protocol === 'http:') return `URL must start with https: ${SETTING}.`;
    // Brackets are around IPv6 addresses.
    const address = hostname.replace(/^\[(.*)\]$/, '$1');
    if (isIP(address) !== 0 && !isInternetAddress(address))
      return `URL must not have a private address ${SETTING}.`;
    return undefined;
  }
}

/** What the log and the audit log have of a URL: its path and query may be secret. */
export function placeOf(url: string): string {
  return new URL(url).origin;
}
