import { Injectable, Logger } from '@nestjs/common';
import { ManageClient, ManageUnreachable } from '#libs/keys-client';
import type { CatalogueView } from '#libs/keys-contract';

/** How long the catalogue is used before it is read again, in milliseconds. It only changes when keys restarts. */
const FRESH_MS = 30_000;

/** How long the page may wait for its title, in milliseconds: it can do without. */
const TITLE_TIMEOUT_MS = 1000;

/** The catalogue of the keys service, which the page needs for its title and to create keys. */
@Injectable()
export class KnownCatalogue {
  readonly #log = new Logger(KnownCatalogue.name);
  #known: { readonly catalogue: CatalogueView; readonly readAt: number } | undefined;
  #reading: Promise<CatalogueView> | undefined;

  constructor(private readonly manage: ManageClient) {}

  /**
   * The catalogue as it was last read, which is at least every 30 seconds while it is needed and keys is there. Throws only
   * if it was never read.
   */
  async read(): Promise<CatalogueView> {
    const known = this.#known;
    if (known === undefined) return this.#refresh();
    if (performance.now() - known.readAt >= FRESH_MS)
      // The page goes on with what is known, and the next call tries again.
      void this.#refresh().catch((err: unknown) =>
        this.#log.debug({ err, msg: 'the catalogue is not read' }),
      );
    return known.catalogue;
  }

  /** The product's name; null if keys does not tell it soon. */
  async title(): Promise<string | null> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), TITLE_TIMEOUT_MS);
    });
    const read = this.read().then(
      ({ title }) => title,
      () => null,
    );
    return Promise.race([read, late]).finally(() => clearTimeout(timer));
  }

  /** Asks keys, once for all who wait. */
  #refresh(): Promise<CatalogueView> {
    this.#reading ??= this.#ask().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #ask(): Promise<CatalogueView> {
    const catalogue = await this.manage.catalogue();
    if (catalogue === undefined)
      throw new ManageUnreachable(
        'The keys service is of version 0.1.0, which tells no catalogue. Update it.',
      );
    this.#known = { catalogue, readAt: performance.now() };
    return catalogue;
  }
}
