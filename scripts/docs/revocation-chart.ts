/** A row of docs/revocation-times.md: times in milliseconds, the largest if a cell has several. */
interface Row {
  readonly fault: string;
  readonly bound: number | undefined;
  readonly p50: number;
  readonly p99: number;
}

const ROW_HEIGHT = 24;
const LABELS = 320;
const SCALE = 520;
/** From 1 ms to 100 s. */
const DECADES = 5;

/** The table of docs/revocation-times.md as a chart with a logarithmic scale: p50, p99 and the bound of each fault. */
export function revocationChart(document: string): string {
  const rows = [...document.matchAll(/^\| (.+?) +\| (.*?) +\| (.+?) +\| (.+?) +\|$/gm)]
    .map(([, fault = '', bound = '', p50 = '', p99 = '']) => ({ fault, bound, p50, p99 }))
    .filter(({ p50 }) => /^\d/.test(p50))
    .map(({ fault, bound, p50, p99 }): Row => {
      return {
        fault,
        bound: bound === '' ? undefined : largest(bound),
        p50: largest(p50),
        p99: largest(p99),
      };
    });
  const height = 64 + rows.length * ROW_HEIGHT + 26;
  const grid = Array.from({ length: DECADES + 1 }, (_, power) => {
    const x = position(10 ** power);
    const label = power < 3 ? `${10 ** power} ms` : `${10 ** (power - 3)} s`;
    return `<line x1="${x}" y1="48" x2="${x}" y2="${height - 26}" stroke="#ddd"/><text x="${x}" y="${height - 10}" text-anchor="middle" fill="#666">${label}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LABELS + SCALE + 40} ${height}" font-family="sans-serif" font-size="12" fill="#222">`,
    '<rect width="100%" height="100%" fill="white"/>',
    '<text x="12" y="18" font-size="14">From the commit of a revoke until no gateway accepts the key (logarithmic)</text>',
    `<circle cx="${LABELS + 6}" cy="34" r="5" fill="#1f6feb"/><text x="${LABELS + 16}" y="38">p50</text>`,
    `<circle cx="${LABELS + 66}" cy="34" r="5" fill="#8b949e"/><text x="${LABELS + 76}" y="38">p99</text>`,
    `<rect x="${LABELS + 126}" y="27" width="3" height="14" fill="#cf222e"/><text x="${LABELS + 136}" y="38">bound</text>`,
    ...grid,
    ...rows.map(drawRow),
    '</svg>',
    '',
  ].join('\n');
}

function drawRow({ fault, bound, p50, p99 }: Row, index: number): string {
  const y = 64 + index * ROW_HEIGHT;
  const [from, to] = [position(p50), position(p99)];
  const end =
    bound === undefined
      ? ''
      : `<rect x="${position(bound)}" y="${y - 7}" width="3" height="14" fill="#cf222e"/>`;
  return [
    `<text x="${LABELS - 12}" y="${y + 4}" text-anchor="end">${fault}</text>`,
    `<line x1="${from}" y1="${y}" x2="${to}" y2="${y}" stroke="#8b949e" stroke-width="2"/>`,
    `${end}<circle cx="${to}" cy="${y}" r="5" fill="#8b949e"/><circle cx="${from}" cy="${y}" r="5" fill="#1f6feb"/>`,
  ].join('');
}

function position(ms: number): number {
  return Math.round(LABELS + (SCALE * Math.log10(ms)) / DECADES);
}

/** The largest number in a cell such as "4.7–5.0", "8, 10" or "11,000". */
function largest(cell: string): number {
  return Math.max(...cell.split(/–|, /).map((number) => Number(number.replace(',', ''))));
}
