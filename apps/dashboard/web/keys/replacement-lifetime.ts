import type { Key, KeyLifetimes } from '#libs/keys-contract';

const DAY_MS = 86_400_000;

/**
 * How long a replacement should live, in milliseconds: as long as the old key, if that is allowed, or the deployment's
 * default. Undefined: keys decides.
 */
export function replacementLifetime(
  { expiresAt, createdAt }: Key,
  lifetimes: KeyLifetimes | undefined,
): number | undefined {
  const max = (lifetimes?.maxDays ?? Infinity) * DAY_MS;
  const usual = lifetimes?.defaultDays;
  if (expiresAt !== null) return Math.min(Date.parse(expiresAt) - Date.parse(createdAt), max);
  return usual == null ? undefined : usual * DAY_MS;
}
