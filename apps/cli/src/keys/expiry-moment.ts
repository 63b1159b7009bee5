const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * When the key is to expire, as RFC 3339: `in` counts from `nowMs` on this machine's clock; `at` is passed on as it is,
 * since the keys service parses it.
 */
export function expiryMoment(
  { in: after, at }: { in?: string; at?: string },
  nowMs: number,
): { outcome: 'moment'; text: string } | { outcome: 'refused'; problem: string } {
  if (at !== undefined && after === undefined) return { outcome: 'moment', text: at };
  if (after === undefined || at !== undefined)
    return {
      outcome: 'refused',
      problem: 'Say when the key expires, with either --in 24h or --at 2027-01-31T12:00:00Z.',
    };
  const [, count, unit = ''] = /^(\d{1,5})([mhd])$/.exec(after) ?? [];
  const unitMs = UNITS_MS[unit];
  if (unitMs === undefined || Number(count) === 0) {
    const problem = `“${after}” is not a valid duration. Use minutes, hours or days, such as 30m, 24h or 7d.`;
    return { outcome: 'refused', problem };
  }
  return { outcome: 'moment', text: new Date(nowMs + Number(count) * unitMs).toISOString() };
}
