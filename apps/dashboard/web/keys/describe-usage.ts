import type { KeyUsage, Usage } from '#libs/keys-contract';
import { keyMessages } from './messages.js';

/** `1,204 requests from 2 addresses`. */
export function describeUsage({ requests, addresses, addressCount }: Usage): string {
  const { usage } = keyMessages;
  const [only] = addresses;
  if (requests === 0) return usage.none;
  const from = addressCount === 1 && only !== undefined ? only : usage.addresses(addressCount);
  return usage.requests(requests, from);
}

/** Whether a program has been let through with this key within the last 24 hours. */
export function isInUse({ lastDay }: KeyUsage): boolean {
  return lastDay.requests > lastDay.refused;
}

/** Whether a replaced key can be retired: what still uses it, or for how long nothing has. */
export function describeSwitch(oldKey: KeyUsage, newKey: KeyUsage): string {
  const { rotate } = keyMessages;
  if (oldKey.lastDay.requests > 0) return isInUse(newKey) ? rotate.both : rotate.waitForNew;
  const unused = oldKey.lastWeek?.requests === 0 ? rotate.unusedWeek : rotate.unusedDay;
  const isWeekly = oldKey.lastWeek !== null && oldKey.lastWeek.requests > 0;
  return [isInUse(newKey) ? '' : rotate.waitForNew, unused, isWeekly ? rotate.usedWithinWeek : '']
    .filter((sentence) => sentence !== '')
    .join(' ');
}
