import { createTransport } from 'nodemailer';
import { z } from 'zod';
import type { Sent } from '../deliveries/delivery.js';
import type { EmailOptions } from './email-options.js';

/** An email, ready to be sent. */
export interface ReadyEmail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
  readonly date: Date;
}

/** How long each step may take, in milliseconds; the caller's signal bounds them all. */
const STEP_MS = 10_000;

const failure = z.object({
  message: z.string(),
  code: z.string().optional(),
  command: z.string().optional(),
  response: z.string().optional(),
  responseCode: z.int().optional(),
});

/** Hands emails to the mail server, over TLS unless its URL says otherwise. */
export class MailServer {
  readonly #transport: ReturnType<typeof transportTo>;

  constructor(private readonly options: EmailOptions) {
    this.#transport = transportTo(options);
  }

  /** Sends one email. `delivered`: the server has taken it. */
  async send({ to, messageId, ...email }: ReadyEmail, signal: AbortSignal): Promise<Sent> {
    try {
      await this.#transport.sendMail({
        ...email,
        from: this.options.from,
        // An object, so that nothing in the address is read as another one.
        to: { name: '', address: to },
        messageId,
        signal,
        // For people's vacation notices (RFC 3834 section 5). There is nothing to unsubscribe from: these are about keys of
        // the recipient's own, and none is an advertisement.
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
      return { outcome: 'delivered' };
    } catch (err) {
      return outcomeOf(failure.parse(err), domainOf(to));
    }
  }
}

function transportTo({ server, ca }: EmailOptions) {
  const { host, port, tls, user, password } = server;
  return createTransport({
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'required',
    ignoreTLS: tls === 'off',
    ...(user !== undefined && { auth: { user, pass: password ?? '' } }),
    ...(ca !== undefined && { tls: { ca } }),
    connectionTimeout: STEP_MS,
    greetingTimeout: STEP_MS,
    socketTimeout: STEP_MS,
    dnsTimeout: STEP_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/**
 * What a failure means (RFC 5321 section 4.2.1). The server's own words are not repeated: they often have the address in
 * them, which is nobody's business in logs.
 */
function outcomeOf(
  { message, code, command, response, responseCode }: z.output<typeof failure>,
  domain: string,
): Sent {
  if (responseCode === undefined) {
    if (code === 'EENVELOPE') return { outcome: 'failed', reason: `the address at ${domain} cannot be used` };
    if (code === 'EABORT') return { outcome: 'unavailable', reason: 'the mail server took too long' };
    return { outcome: 'unavailable', reason: `the mail server cannot be used: ${message}` };
  }
  const [, enhanced] = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3}) /.exec(response ?? '') ?? [];
  const answer = [responseCode, enhanced].filter((part) => part !== undefined).join(' ');
  const isAboutThis = command === 'RCPT TO' || command === 'DATA';
  if (!isAboutThis || responseCode === 421)
    return {
      outcome: 'unavailable',
      reason: `the mail server answered ${answer} to ${command ?? 'something'}`,
    };
  const reason = `the mail server answered ${answer} to ${command}, for an address at ${domain}`;
  return { outcome: responseCode >= 500 ? 'failed' : 'retry', reason };
}

/** The part of an address that says little of the person. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).replace(/>$/, '');
}
