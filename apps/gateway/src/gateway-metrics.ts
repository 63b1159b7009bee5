import { Injectable } from '@nestjs/common';
import { Gauge, Registry } from 'prom-client';
import { RevocationFollower } from '#libs/revocations';

/** What an operator sees of a gateway. */
@Injectable()
export class GatewayMetrics {
  constructor(registry: Registry, follower: RevocationFollower) {
    new Gauge({
      name: 'gateway_lease_held',
      help: '1 while revocations are followed and cached keys may be used; 0: each request is verified at keys.',
      registers: [registry],
      collect() {
        this.set(follower.holdsLease ? 1 : 0);
      },
    });
  }
}
