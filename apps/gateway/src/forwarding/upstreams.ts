import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { GatewayProblem } from '../gateway-problem.js';
import { Upstream, type UpstreamLimits } from './upstream.js';

/** Where the services behind the gateway are, and how long they are waited for. */
export interface UpstreamOptions extends UpstreamLimits {
  /** By name, of those that have routes; undefined for one that this deployment lacks. */
  readonly urls: ReadonlyMap<string, string | undefined>;
}

/** The services behind the gateway, as far as they are configured. */
@Injectable()
export class Upstreams implements OnApplicationShutdown {
  readonly limits: UpstreamLimits;
  readonly #known: ReadonlyMap<string, Upstream>;
  /** How often each has failed so far, by the reason. */
  readonly failures: ReadonlyMap<string, Map<string, number>>;

  constructor({ urls, ...limits }: UpstreamOptions) {
    this.limits = limits;
    this.failures = new Map([...urls.keys()].map((name) => [name, new Map()]));
    this.#known = new Map(
      [...urls].flatMap(([name, url]) =>
        url === undefined ? [] : [[name, new Upstream(name, url, limits)] as const],
      ),
    );
  }

  /** Undefined for a service that the deployment does not have. */
  find(name: string): Upstream | undefined {
    return this.#known.get(name);
  }

  /** Those that the deployment has. */
  get known(): ReadonlyMap<string, Upstream> {
    return this.#known;
  }

  /** Counts a failure. Returns its problem. */
  failed(name: string, problem: GatewayProblem): GatewayProblem {
    const failures = this.failures.get(name);
    failures?.set(problem.reason, (failures.get(problem.reason) ?? 0) + 1);
    return problem;
  }

  /** After the last requests are finished. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.#known.values()].map((upstream) => upstream.close()));
  }
}
