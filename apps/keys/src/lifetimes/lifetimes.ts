import { SettingsError } from '#libs/settings';
import type { KeysSettings } from '../keys-settings.js';

/** How long keys may live, in days of 24 hours; null: there is no such rule. */
export class Lifetimes {
  constructor(
    /** After how long a key expires whose request says nothing about it; null: never. */
    readonly defaultDays: number | null,
    /** The longest that a key may live. Keys that exist already keep their expiry. */
    readonly maxDays: number | null,
    /** After how long without use a key is revoked, which is announced before. */
    readonly idleDays: number | null,
  ) {}
}

type LifetimeSettings = Pick<KeysSettings, 'KEY_DEFAULT_DAYS' | 'KEY_MAX_DAYS' | 'KEY_IDLE_DAYS'>;

/** The lifetimes of the settings. Throws a {@link SettingsError} if they contradict each other. */
export function lifetimesOf(settings: LifetimeSettings): Lifetimes {
  const { KEY_DEFAULT_DAYS: days, KEY_MAX_DAYS: max, KEY_IDLE_DAYS: idle } = settings;
  if (days !== undefined && max !== undefined && days > max)
    throw new SettingsError([
      `KEY_DEFAULT_DAYS must be at most KEY_MAX_DAYS, which is ${max}: no key may live for longer.`,
    ]);
  return new Lifetimes(days ?? max ?? null, max ?? null, idle ?? null);
}
