import { isNativeError } from 'node:util/types';
import { z } from 'zod';

/** What keys answers to a report that is not of its shape: to send it again would be of no use. */
export const REPORT_REFUSED = 'report_refused';

/** Keys has refused a report for its shape. The message is keys' sentence. */
export class ReportRefused extends Error {}

const answered = z.object({ status: z.string().optional(), message: z.string() });

/** What a replica has answered instead of the truth, or what came of the connection, as an error. */
export function errorFrom(rejected: unknown): Error {
  if (isNativeError(rejected)) return rejected;
  const { data } = answered.safeParse(rejected);
  if (data?.status === REPORT_REFUSED) return new ReportRefused(data.message);
  return new Error(
    data?.message ?? (typeof rejected === 'string' ? rejected : 'keys has answered with an error'),
  );
}
