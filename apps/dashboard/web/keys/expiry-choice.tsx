import { Group, NativeSelect, TextInput } from '@mantine/core';
import { dayOf } from '../time/format.js';
import { useNow } from '../time/now.js';
import { keyMessages } from './messages.js';

const DAY_MS = 86_400_000;
const DAYS = { days30: 30, days90: 90, days365: 365 } as const;
const CHOICES = ['never', 'days30', 'days90', 'days365', 'date'] as const;

/** When a key should expire. `day` is the value of the date field, `YYYY-MM-DD`. */
export interface Expiry {
  readonly choice: (typeof CHOICES)[number];
  readonly day: string;
}

export const NEVER: Expiry = { choice: 'never', day: '' };

/** In milliseconds since 1970: undefined for never, NaN while no valid date is chosen. */
export function expiryTime({ choice, day }: Expiry, now: number): number | undefined {
  if (choice === 'never') return undefined;
  if (choice !== 'date') return now + DAYS[choice] * DAY_MS;
  // The end of that day in the browser's time zone.
  const end = new Date(`${day}T23:59:59`).getTime();
  return end > now ? end : Number.NaN;
}

interface ExpiryChoiceProps {
  readonly value: Expiry;
  readonly onChange: (value: Expiry) => void;
  readonly error: string | false;
}

export function ExpiryChoice({ value, onChange, error }: ExpiryChoiceProps) {
  const now = useNow();
  const end = expiryTime(value, now);
  return (
    <Group align="flex-start" grow preventGrowOverflow={false}>
      <NativeSelect
        label={keyMessages.create.expires}
        description={describeExpiry(end)}
        value={value.choice}
        onChange={({ currentTarget }) => {
          const choice = CHOICES.find((one) => one === currentTarget.value) ?? 'never';
          onChange({ ...value, choice });
        }}
        data={CHOICES.map((choice) => ({ value: choice, label: keyMessages.create.expiry[choice] }))}
      />
      {value.choice === 'date' && (
        <TextInput
          type="date"
          label={keyMessages.create.date}
          description={'\u00a0'}
          min={localDay(now)}
          value={value.day}
          onChange={({ currentTarget }) => onChange({ ...value, day: currentTarget.value })}
          error={error}
        />
      )}
    </Group>
  );
}

function describeExpiry(end: number | undefined): string {
  if (end === undefined) return keyMessages.create.expiresNever;
  return Number.isNaN(end) ? keyMessages.create.dateMissing : keyMessages.create.expiresOn(dayOf(end));
}

/** `2026-11-24`, in the browser's time zone. */
function localDay(at: number): string {
  const date = new Date(at);
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
