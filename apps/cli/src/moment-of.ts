const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * The moment that was asked for, as RFC 3339: after `in`, counted from `nowMs` on the clock of this machine, or `at`,
 * which the keys service reads.
 */
export function momentOf(
  { in: after, at }: { in?: string; at?: string },
  nowMs: number,
): { outcome: 'moment'; text: string } | { outcome: 'refused'; problem: string } {
  if (at !== undefined && after === undefined) return { outcome: 'moment', text: at };
  if (after === undefined || at !== undefined)
    return {
      outcome: 'refused',
      problem: 'Say when it expires: either --in 24h or --at 2027-01-31T12:00:00Z.',
    };
  const [, count, unit = ''] = /^(\d{1,5})([mhd])$/.exec(after) ?? [];
  const unitMs = UNITS_MS[unit];
  if (unitMs === undefined || Number(count) === 0) {
    const problem = `--in ${after} is no duration: write a whole number of minutes, hours or days, such as 30m, 24h or 7d.`;
    return { outcome: 'refused', problem };
  }
  return { outcome: 'moment', text: new Date(nowMs + Number(count) * unitMs).toISOString() };
}
