import { isNativeError } from 'node:util/types';
import * as z from 'zod/mini';
import { REPORT_REFUSED } from '#libs/keys-contract';

/** Keys has refused a report for its shape. The message is keys' sentence. */
export class ReportRefused extends Error {}

const answered = z.object({ status: z.optional(z.string()), message: z.string() });

/** What a replica has answered instead of the truth, or what came of the connection, as an error. */
export function errorFrom(rejected: unknown): Error {
  if (isNativeError(rejected)) return rejected;
  const { data } = answered.safeParse(rejected);
  if (data?.status === REPORT_REFUSED) return new ReportRefused(data.message);
  return new Error(
    data?.message ?? (typeof rejected === 'string' ? rejected : 'keys has answered with an error'),
  );
}
