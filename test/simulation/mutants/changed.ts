import type { RevocationLog } from '#libs/revocations';

/** A log with some of its methods replaced. */
export function changed(log: RevocationLog, replaced: Partial<RevocationLog>): RevocationLog {
  return {
    identityIsCertain: log.identityIsCertain,
    add: (target) => log.add(target),
    renew: (position) => log.renew(position),
    acknowledge: (position) => log.acknowledge(position),
    members: () => log.members(),
    remove: (instance, renewals) => log.remove(instance, renewals),
    onAdded: (listener) => log.onAdded(listener),
    close: () => log.close(),
    ...replaced,
  };
}
