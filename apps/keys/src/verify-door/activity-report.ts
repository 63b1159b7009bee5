import { IsString, ValidateBy } from 'class-validator';
import { isIP } from 'node:net';
import { isKeyId } from '#libs/key-format';
import { ACTIVITY_LIMIT, type ActivityReport, LONGEST_AGO_MS, ROUTE_LIMIT } from '#libs/keys-client';
import type { ToldActivity } from '../activity/record-activity.js';

/** `GET /v1/desktops/:id`: a method and a pattern, in printable characters. */
const ROUTE = /^[A-Z]{1,20} \/[\x21-\x7e]*$/;

/** What a gateway tells about what keys have done, checked. */
export class ActivityReportBody implements ActivityReport {
  /** The guard has compared it. */
  @IsString()
  credential!: string;

  @ValidateBy({ name: 'isActivity', validator: { validate: isActivity } })
  activity!: readonly ToldActivity[];
}

/** What such a report should be. */
export const ACTIVITY_REPORT = `a report has activity: at most ${ACTIVITY_LIMIT} entries, each with keyId, route, status, address, count, firstAgoMs and lastAgoMs`;

function isActivity(value: unknown): boolean {
  return Array.isArray(value) && value.length <= ACTIVITY_LIMIT && value.every(isEntry);
}

function isEntry(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const entry: Partial<Record<keyof ToldActivity, unknown>> = value;
  const { keyId, route, status, address, count, firstAgoMs, lastAgoMs } = entry;
  return (
    typeof keyId === 'string' &&
    isKeyId(keyId) &&
    typeof route === 'string' &&
    route.length <= ROUTE_LIMIT &&
    ROUTE.test(route) &&
    isWhole(status, 100, 599) &&
    typeof address === 'string' &&
    (address === '' || isIP(address) !== 0) &&
    isWhole(count, 1, Number.MAX_SAFE_INTEGER) &&
    isWhole(lastAgoMs, 0, LONGEST_AGO_MS) &&
    isWhole(firstAgoMs, Number(lastAgoMs), LONGEST_AGO_MS)
  );
}

function isWhole(value: unknown, min: number, max: number): boolean {
  return Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
}
