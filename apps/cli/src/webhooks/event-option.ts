import { Option } from 'commander';
import { WEBHOOK_EVENTS } from '#libs/keys-contract';

/** Which events are sent. */
export function eventOption(): Option {
  return new Option('--event <event...>', 'which events to send; repeat for more').choices(
    Object.keys(WEBHOOK_EVENTS),
  );
}
