import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { repeat, systemClock } from '#libs/clock';
import { ManageClient, ManageRefused } from '#libs/keys-client';
import { EventOutbox, type PendingEvent } from './event-outbox.js';
import { UNKNOWN_ACTOR } from './list-personal-events.js';

/** How often the outbox is looked at, in milliseconds. */
const EVERY_MS = 2000;

/** How long to wait after a failure, in milliseconds. */
const RETRY_MS = 5000;

/**
 * Sends the events of the outbox to the keys service, and removes each once keys has confirmed it. Several replicas may send
 * the same event: keys records it once.
 */
@Injectable()
export class EventRelay implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #log = new Logger(EventRelay.name);
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly outbox: EventOutbox,
    private readonly manage: ManageClient,
  ) {}

  onApplicationBootstrap(): void {
    this.#running = repeat(() => this.execute(), {
      clock: systemClock,
      everyMs: EVERY_MS,
      retryMs: RETRY_MS,
      signal: this.#stopping.signal,
      onOutage: (err) =>
        this.#log.warn({ err, msg: 'events of sign-ins wait for the audit log: retrying every 5 seconds' }),
      onRecovery: () => this.#log.log('events of sign-ins are in the audit log again'),
    });
  }

  async onModuleDestroy(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Sends all that there is. Throws if some could not be sent; they stay. */
  async execute(): Promise<void> {
    await this.outbox.closeMinutes();
    let refusal: ManageRefused | undefined;
    let events = await this.outbox.after('0');
    for (let last = events.at(-1); last !== undefined; last = events.at(-1)) {
      for (const event of events) {
        if (this.#stopping.signal.aborted) return;
        refusal = (await this.#send(event)) ?? refusal;
      }
      events = await this.outbox.after(last.number);
    }
    if (refusal !== undefined) throw refusal;
  }

  /** Returns why keys does not understand this one, such as a keys service of another version: it must not hold up others. */
  async #send(event: PendingEvent): Promise<ManageRefused | undefined> {
    const { number, id, action, userId, ownerId, address, requestId, agoMs, details } = event;
    const actor = action === 'person.sign_in_failed' ? UNKNOWN_ACTOR : userId;
    const origin = { actor, requestId, ...(address !== '' && { address }) };
    try {
      await this.manage.from(origin).recordPersonEvent({ id, action, ownerId, agoMs, ...details });
    } catch (err) {
      if (err instanceof ManageRefused && err.code === 'invalid_request') return err;
      throw err;
    }
    await this.outbox.remove(number);
    return undefined;
  }
}
