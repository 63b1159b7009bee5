import { IsString, ValidateBy } from 'class-validator';
import { type KeyId, isKeyId } from '#libs/key-format';
import { LONGEST_AGO_MS, USED_LIMIT } from '#libs/keys-client';

/** What a gateway tells about which keys were used. Each entry is checked by itself: see {@link isUse}. */
export class UsedReportBody {
  /** The guard has compared it. */
  @IsString()
  credential!: string;

  @ValidateBy({ name: 'isUses', validator: { validate: areUses } })
  uses!: Readonly<Record<string, unknown>>;
}

/** What such a report should be. */
export const USED_REPORT = `a report has uses: at most ${USED_LIMIT} ids of keys, each with the milliseconds since its last use`;

/** Whether an entry of a report is one that can be recorded: the id of a key, and how many milliseconds ago it was used. */
export function isUse(entry: readonly [string, unknown]): entry is [KeyId, number] {
  const [id, agoMs] = entry;
  return (
    isKeyId(id) &&
    typeof agoMs === 'number' &&
    Number.isInteger(agoMs) &&
    agoMs >= 0 &&
    agoMs <= LONGEST_AGO_MS
  );
}

function areUses(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.keys(value).length <= USED_LIMIT;
}
