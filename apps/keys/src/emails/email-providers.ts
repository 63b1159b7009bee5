import type { Provider } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Catalogue } from '#libs/catalogue';
import type { KeysSettings } from '../keys-settings.js';
import { EmailChannel } from './email-channel.js';
import { EmailDigests } from './email-digests.js';
import { EmailEvents } from './email-events.js';
import { emailOptionsOf } from './email-options.js';
import { MailServer } from './mail-server.js';

/** What sends emails; nothing without `SMTP_URL`. */
export function emailProviders(settings: KeysSettings): Provider[] {
  const options = emailOptionsOf(settings);
  if (options === undefined) return [];
  return [
    EmailEvents,
    EmailDigests,
    {
      provide: EmailChannel,
      inject: [DataSource, Catalogue],
      useFactory: (database: DataSource, catalogue: Catalogue) =>
        new EmailChannel(database, catalogue, new MailServer(options), options),
    },
  ];
}
