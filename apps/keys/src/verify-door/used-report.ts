import { IsString, ValidateBy } from 'class-validator';
import { type KeyId, isKeyId } from '#libs/key-format';
import { LONGEST_AGO_MS, USED_LIMIT, type UsedReport, type Uses } from '#libs/keys-client';

/** What a gateway tells about which keys were used, checked. */
export class UsedReportBody implements UsedReport {
  /** The guard has compared it. */
  @IsString()
  credential!: string;

  @IsUses()
  uses!: Uses;
}

/** The uses by the ids of keys, of a report that {@link IsUses} has let through. */
export function usesIn({ uses }: UsedReportBody): Map<KeyId, number> {
  const agoMsById = new Map<KeyId, number>();
  for (const [id, agoMs] of Object.entries(uses)) if (isKeyId(id)) agoMsById.set(id, agoMs);
  return agoMsById;
}

/** What such a report should be. */
export const USED_REPORT = `a report has uses: at most ${USED_LIMIT} ids of keys, each with the milliseconds since its last use`;

function IsUses(): PropertyDecorator {
  return ValidateBy({ name: 'isUses', validator: { validate: areUses } });
}

function areUses(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries: [string, unknown][] = Object.entries(value);
  return entries.length <= USED_LIMIT && entries.every(([id, agoMs]) => isKeyId(id) && isAge(agoMs));
}

function isAge(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= LONGEST_AGO_MS;
}
