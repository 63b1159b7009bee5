import { z } from 'zod';

/** Where emails are handed in, and how. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** `implicit`: from the first byte (RFC 8314). `required`: by STARTTLS (RFC 3207). `off`: never. */
  readonly tls: 'implicit' | 'required' | 'off';
  readonly user: string | undefined;
  readonly password: string | undefined;
}

const MUST =
  'must be a URL such as smtp://keys@mail.example.com:587 or smtps://keys@mail.example.com; only a server on the same machine may do without TLS: smtp://localhost:25?tls=off';

/** The setting of the mail server's URL. */
export function smtpUrl() {
  return z.string(MUST).refine((value) => read(value) !== undefined, MUST);
}

/** Throws if the URL is not one that the setting accepts. */
export function readSmtpUrl(url: string): SmtpServer {
  const server = read(url);
  if (server === undefined) throw new Error(`SMTP_URL ${MUST}`);
  return server;
}

function read(text: string): SmtpServer | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, port, pathname, search, hash, username, password } = new URL(text);
  const isImplicit = protocol === 'smtps:';
  const isOff = search === '?tls=off';
  if ((!isImplicit && protocol !== 'smtp:') || hostname === '') return undefined;
  if ((pathname !== '' && pathname !== '/') || hash !== '' || (search !== '' && (!isOff || isImplicit)))
    return undefined;
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (isImplicit ? 465 : 587) : Number(port),
    tls: isImplicit ? 'implicit' : isOff ? 'off' : 'required',
    user: decoded(username),
    password: decoded(password),
  };
}

function decoded(part: string): string | undefined {
  if (part === '') return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
