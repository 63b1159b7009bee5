import type { RevocationLog } from '#libs/revocations';

/** A log with some of its methods replaced. */
export function changed(log: RevocationLog, replaced: Partial<RevocationLog>): RevocationLog {
  return {
    add: (target) => log.add(target),
    renew: (request) => log.renew(request),
    acknowledge: (instance, position) => log.acknowledge(instance, position),
    look: (request) => log.look(request),
    members: () => log.members(),
    remove: (instance, beat) => log.remove(instance, beat),
    removeMark: (mark) => log.removeMark(mark),
    onAdded: (listener) => log.onAdded(listener),
    onAcknowledged: (listener) => log.onAcknowledged(listener),
    close: () => log.close(),
    ...replaced,
  };
}
