import { SettingsError } from '#libs/settings';
import type { KeysSettings } from '../keys-settings.js';
import { type SmtpServer, readSmtpUrl } from './smtp-url.js';

/** How emails are sent. */
export interface EmailOptions {
  readonly server: SmtpServer;
  /** Certificates (PEM) to trust instead of the system's. */
  readonly ca: string | undefined;
  /** `keys@example.com`, or with a name: `Le Bureau <keys@example.com>`. */
  readonly from: string;
  /** Where people manage their keys, for links. */
  readonly dashboardUrl: string | undefined;
}

type EmailSettings = Pick<
  KeysSettings,
  'SMTP_URL' | 'SMTP_PASSWORD' | 'SMTP_TLS_CA' | 'MAIL_FROM' | 'DASHBOARD_URL'
>;

/** Undefined if no emails are sent. Throws a {@link SettingsError} if something is missing. */
export function emailOptionsOf(settings: EmailSettings): EmailOptions | undefined {
  const { SMTP_URL: url, SMTP_PASSWORD: password, SMTP_TLS_CA: ca, MAIL_FROM: from } = settings;
  if (url === undefined) return undefined;
  if (from === undefined)
    throw new SettingsError([
      'MAIL_FROM is missing: SMTP_URL needs the address from which emails are sent, such as keys@example.com.',
    ]);
  const server = readSmtpUrl(url);
  return {
    server: { ...server, password: password ?? server.password },
    ca,
    from,
    dashboardUrl: settings.DASHBOARD_URL,
  };
}
