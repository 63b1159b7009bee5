import { isIP } from 'node:net';
import { ArrayMaxSize, IsArray, IsString } from 'class-validator';
import { isKeyId } from '#libs/key-format';
import { type ActivityReport, MAX_ACTIVITY, MAX_AGO_MS, MAX_ROUTE_LENGTH } from '#libs/keys-contract';
import type { KeyActivityEntry } from '../activity/record-activity.js';

/** `GET /v1/desktops/:id`: a method and a pattern, in printable characters. */
const ROUTE = /^[A-Z]{1,20} \/[\x21-\x7e]*$/;

/** The maximum number of requests that one entry may stand for: more than a guard can answer between two reports. */
const MAX_COUNT = 1_000_000_000;

/** What a gateway tells about what keys have done. Each entry is checked by itself: see {@link isActivity}. */
export class ActivityReportBody implements Record<keyof ActivityReport, unknown> {
  /** The guard has compared it. */
  @IsString()
  credential!: string;

  @IsArray()
  @ArrayMaxSize(MAX_ACTIVITY)
  activity!: readonly unknown[];
}

/** What such a report should be. */
export const ACTIVITY_REPORT = `a report has activity: at most ${MAX_ACTIVITY} entries`;

/** Whether an entry of a report can be recorded. */
export function isActivity(value: unknown): value is KeyActivityEntry {
  if (typeof value !== 'object' || value === null) return false;
  const entry: Partial<Record<keyof KeyActivityEntry, unknown>> = value;
  const { keyId, route, status, address, count, firstAgoMs, lastAgoMs } = entry;
  return (
    typeof keyId === 'string' &&
    isKeyId(keyId) &&
    typeof route === 'string' &&
    route.length <= MAX_ROUTE_LENGTH &&
    ROUTE.test(route) &&
    isWhole(status, 100, 999) && // RFC 9110 section 15, and what Node lets applications send
    typeof address === 'string' &&
    (address === '' || isIP(address) !== 0) &&
    isWhole(count, 1, MAX_COUNT) &&
    isWhole(lastAgoMs, 0, MAX_AGO_MS) &&
    isWhole(firstAgoMs, Number(lastAgoMs), MAX_AGO_MS)
  );
}

function isWhole(value: unknown, min: number, max: number): boolean {
  return Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
}
