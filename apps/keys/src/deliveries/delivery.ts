/** A message to the outside world that was committed together with the change it is about. */
export interface Delivery {
  readonly id: string;
  /** How it is sent: the name of a {@link DeliveryChannel}. */
  readonly channel: string;
  /** What may be unavailable as a whole, such as a webhook's endpoint or the mail server. */
  readonly destination: string;
  /** What it is about, such as a key. What a destination gets about one subject arrives in order. */
  readonly subject: string;
  /** What the channel needs to send it. It is shown to operators, so it has no secret. */
  readonly message: unknown;
  readonly createdAt: Date;
  /** How often it was tried, this time included. */
  readonly attempts: number;
}

/**
 * How sending ended. `retry`: this one is tried again, not before `afterSeconds`. `unavailable`: so is everything else for
 * the destination. `failed`: trying again is of no use. `reason` is a sentence for operators, without a secret.
 */
export type Sent =
  | { readonly outcome: 'delivered' }
  | {
      readonly outcome: 'retry' | 'unavailable';
      readonly reason: string;
      readonly afterSeconds?: number | undefined;
    }
  | { readonly outcome: 'failed'; readonly reason: string };

/** A way to send messages. */
export interface DeliveryChannel {
  readonly name: string;
  /**
   * Sends one, and resolves within `MAX_SEND_MS`. A delivery may come again with the same ID, if the service ends between
   * the receiver's answer and its record.
   */
  send(delivery: Delivery, signal: AbortSignal): Promise<Sent>;
}

/** The channels of this deployment. */
export class DeliveryChannels {
  constructor(readonly all: readonly DeliveryChannel[]) {}
}

/** How long sending may take, in milliseconds: less than the time after which others may send the same delivery again. */
export const MAX_SEND_MS = 20_000;
