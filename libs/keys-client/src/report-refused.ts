import { isNativeError } from 'node:util/types';
import * as z from 'zod/mini';
import { REPORT_REFUSED } from '#libs/keys-contract';

/** Keys refused a report as invalid. The message is the one of keys. */
export class ReportRefused extends Error {}

const answered = z.object({ status: z.optional(z.string()), message: z.string() });

/** An error answer of a replica, or a failure of the connection, as an error. */
export function errorFrom(rejected: unknown): Error {
  if (isNativeError(rejected)) return rejected;
  const { data } = answered.safeParse(rejected);
  if (data?.status === REPORT_REFUSED) return new ReportRefused(data.message);
  return new Error(
    data?.message ?? (typeof rejected === 'string' ? rejected : 'keys has answered with an error'),
  );
}
