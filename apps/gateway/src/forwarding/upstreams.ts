import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Upstream, type UpstreamLimits, type UpstreamName } from './upstream.js';

/** Where the services behind the gateway are, and how long they are waited for. */
export interface UpstreamOptions extends UpstreamLimits {
  readonly urls: Readonly<Record<UpstreamName, string | undefined>>;
}

/** The services behind the gateway, as far as they are configured. */
@Injectable()
export class Upstreams implements OnApplicationShutdown {
  readonly limits: UpstreamLimits;
  readonly #known: ReadonlyMap<string, Upstream>;

  constructor({ urls, ...limits }: UpstreamOptions) {
    this.limits = limits;
    this.#known = new Map(
      Object.entries(urls).flatMap(([name, url]) =>
        url === undefined ? [] : [[name, new Upstream(url, limits)]],
      ),
    );
  }

  /** Undefined for a service that the deployment does not have. */
  find(name: UpstreamName): Upstream | undefined {
    return this.#known.get(name);
  }

  /** After the last requests are finished. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.#known.values()].map((upstream) => upstream.close()));
  }
}
