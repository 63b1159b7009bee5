import { Group, NativeSelect, TextInput } from '@mantine/core';
import type { KeyLifetimes } from '#libs/keys-contract';
import { dayOf } from '../time/format.js';
import { useNow } from '../time/now.js';
import { keyMessages } from './messages.js';

const DAY_MS = 86_400_000;
const USUAL_DAYS = [30, 90, 365];

/** When a key should expire: after so many days, or as chosen. `day` is the value of the date field, `YYYY-MM-DD`. */
export interface Expiry {
  readonly choice: number | 'never' | 'date';
  readonly day: string;
}

/** What is chosen at first: what the deployment gives keys, or 90 days. */
export function firstExpiry({ defaultDays, maxDays }: KeyLifetimes): Expiry {
  return { choice: defaultDays ?? Math.min(90, maxDays ?? 90), day: '' };
}

/** The choices that keys accepts: the usual ones, and what the deployment gives and allows. */
export function expiryChoices({ defaultDays, maxDays }: KeyLifetimes): readonly Expiry['choice'][] {
  const days = new Set([...USUAL_DAYS, ...(defaultDays === null ? [] : [defaultDays])]);
  if (maxDays !== null) days.add(maxDays);
  const allowed = [...days].filter((count) => count <= (maxDays ?? count)).sort((a, b) => a - b);
  return [...allowed, 'date', ...(maxDays === null ? (['never'] as const) : [])];
}

/** In milliseconds since 1970: null for never, NaN while no valid date is chosen. */
export function expiryTime({ choice, day }: Expiry, now: number): number | null {
  if (choice === 'never') return null;
  if (choice !== 'date') return now + choice * DAY_MS;
  // The end of that day in the browser's time zone.
  const end = new Date(`${day}T23:59:59`).getTime();
  return end > now ? end : Number.NaN;
}

interface ExpiryChoiceProps {
  readonly lifetimes: KeyLifetimes;
  readonly value: Expiry;
  readonly onChange: (value: Expiry) => void;
  readonly error: string | false;
}

export function ExpiryChoice({ lifetimes, value, onChange, error }: ExpiryChoiceProps) {
  const now = useNow();
  const end = expiryTime(value, now);
  const choices = expiryChoices(lifetimes);
  // A chosen day ends late in the evening, and must end before the longest lifetime does.
  const lastDay = lifetimes.maxDays === null ? undefined : localDay(now + (lifetimes.maxDays - 1) * DAY_MS);
  return (
    <Group align="flex-start" grow preventGrowOverflow={false}>
      <NativeSelect
        label={keyMessages.create.expires}
        description={[describeExpiry(end), ...keyMessages.create.lifetimes(lifetimes)].join(' ')}
        value={String(value.choice)}
        onChange={({ currentTarget }) => {
          const choice = choices.find((one) => String(one) === currentTarget.value);
          if (choice !== undefined) onChange({ ...value, choice });
        }}
        data={choices.map((choice) => ({ value: String(choice), label: keyMessages.create.expiry(choice) }))}
      />
      {value.choice === 'date' && (
        <TextInput
          type="date"
          label={keyMessages.create.date}
          description={'\u00a0'}
          min={localDay(now)}
          max={lastDay}
          value={value.day}
          onChange={({ currentTarget }) => onChange({ ...value, day: currentTarget.value })}
          error={error}
        />
      )}
    </Group>
  );
}

function describeExpiry(end: number | null): string {
  if (end === null) return keyMessages.create.expiresNever;
  return Number.isNaN(end) ? keyMessages.create.dateMissing : keyMessages.create.expiresOn(dayOf(end));
}

/** `2026-11-24`, in the browser's time zone. */
function localDay(at: number): string {
  const date = new Date(at);
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
