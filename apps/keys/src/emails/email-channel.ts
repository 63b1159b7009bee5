import { createHash } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { type DataSource, In } from 'typeorm';
import type { Catalogue } from '#libs/catalogue';
import { isKeyId } from '#libs/key-format';
import { ApiKeyEntity } from '../database/api-key.entity.js';
import { OwnerEntity } from '../database/owner.entity.js';
import type { Delivery, DeliveryChannel, Sent } from '../deliveries/delivery.js';
import { type NamedKey, composeEmail } from './compose-email.js';
import { EMAIL_CHANNEL, type Email, emailSchema } from './key-news.js';
import { type MailServer, domainOf } from './mail-server.js';
import { renderHtml, renderText } from './render-email.js';

/** What is the same in all emails. */
export interface EmailFrame {
  readonly from: string;
  readonly dashboardUrl: string | undefined;
}

/** Emails to the owners of keys, written when they are sent: to the address that is verified then. */
export class EmailChannel implements DeliveryChannel {
  readonly name = EMAIL_CHANNEL;
  readonly #logger = new Logger(EmailChannel.name);
  #isUnavailable = false;

  constructor(
    private readonly database: DataSource,
    private readonly catalogue: Catalogue,
    private readonly server: MailServer,
    private readonly frame: EmailFrame,
  ) {}

  async send(delivery: Delivery, signal: AbortSignal): Promise<Sent> {
    const read = emailSchema.safeParse(delivery.message);
    if (!read.success) return { outcome: 'retry', reason: 'a newer version must send it' };
    const owner = await this.database.manager.findOneBy(OwnerEntity, { id: read.data.ownerId });
    if (owner?.isEmailVerified !== true)
      return { outcome: 'failed', reason: 'the owner has no verified address any more' };
    const { title } = this.catalogue;
    const link = this.#link(read.data);
    const content = composeEmail(read.data, await this.#keysOf(read.data), title);
    const sent = await this.server.send(
      {
        to: owner.email,
        subject: content.subject,
        text: renderText(content, { title, link }),
        html: renderHtml(content, { title, link }),
        messageId: this.#messageId(delivery),
        date: delivery.createdAt,
      },
      signal,
    );
    this.#log(sent);
    return sent;
  }

  /** The page of the key, or of all of them. */
  #link({ news: [first, ...others], more }: Email): string | undefined {
    const { dashboardUrl } = this.frame;
    if (dashboardUrl === undefined) return undefined;
    const isOne = others.length === 0 && more === 0;
    return dashboardUrl + (isOne ? `/settings/keys/${first.keyId}` : '/settings?tab=apiKeys');
  }

  /** Says once that the mail server is unavailable, and that it is not any more. */
  #log(sent: Sent): void {
    if (sent.outcome === 'unavailable' && !this.#isUnavailable)
      this.#logger.error(`emails are not sent: ${sent.reason}`);
    if (sent.outcome === 'delivered' && this.#isUnavailable) this.#logger.log('emails are sent again');
    if (sent.outcome === 'unavailable' || sent.outcome === 'delivered')
      this.#isUnavailable = sent.outcome === 'unavailable';
  }

  async #keysOf({ ownerId, news }: Email): Promise<ReadonlyMap<string, NamedKey>> {
    const ids = news.map(({ keyId }) => keyId).filter((id) => isKeyId(id));
    const keys = await this.database.manager.findBy(ApiKeyEntity, { id: In(ids), ownerId });
    return new Map(
      keys.map(({ id, name, last4, revokedAt }) => [id, { name, last4, isRevoked: revokedAt !== null }]),
    );
  }

  /**
   * The same each time that a delivery is sent: if the service ends between the server's answer and its record, mail programs
   * and people recognize the second one. Unique also after a database was restored.
   */
  #messageId({ id, createdAt }: Delivery): string {
    const digest = createHash('sha256').update(`${id} ${createdAt.toISOString()}`).digest('hex').slice(0, 32);
    return `<${digest}@${domainOf(this.frame.from)}>`;
  }
}
