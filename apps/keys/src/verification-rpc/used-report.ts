import { IsString, ValidateBy } from 'class-validator';
import { type KeyId, isKeyId } from '#libs/key-format';
import { MAX_AGO_MS, MAX_USES, type UsedReport } from '#libs/keys-contract';

/** What a gateway tells about which keys were used. Each entry is checked by itself: see {@link isUse}. */
export class UsedReportBody implements Record<keyof UsedReport, unknown> {
  /** The guard has compared it. */
  @IsString()
  credential!: string;

  @ValidateBy({ name: 'isUses', validator: { validate: areUses } })
  uses!: Readonly<Record<string, unknown>>;
}

/** What such a report should be. */
export const USED_REPORT = `a report has uses: at most ${MAX_USES} ids of keys, each with the milliseconds since its last use`;

/** Whether an entry of a report can be recorded: a key's ID, and how many milliseconds ago it was used. */
export function isUse(entry: readonly [string, unknown]): entry is [KeyId, number] {
  const [id, agoMs] = entry;
  return (
    isKeyId(id) && typeof agoMs === 'number' && Number.isInteger(agoMs) && agoMs >= 0 && agoMs <= MAX_AGO_MS
  );
}

function areUses(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.keys(value).length <= MAX_USES;
}
