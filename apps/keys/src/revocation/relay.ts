import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { OutboxRelay } from '#libs/revocations';

/** Runs the outbox relay while the service runs. */
@Injectable()
export class Relay implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(Relay.name);

  constructor(private readonly relay: OutboxRelay) {}

  onApplicationBootstrap(): void {
    this.relay.start((err) => this.#logger.error({ err, msg: 'the outbox of revocations is not relayed' }));
  }

  /** Stops it before the database is closed. */
  async onModuleDestroy(): Promise<void> {
    await this.relay.stop();
  }
}
