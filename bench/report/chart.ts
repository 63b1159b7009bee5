import { median } from '../statistics.js';
import type { Results } from './results.js';

const BAR = 22;
const LABELS = 420;
const BARS = 480;
const OURS = /^(?:ours|our |the same proxy)/;

/** Requests per second by case, as a chart with a logarithmic scale: first and last differ by four orders of magnitude. */
export function chartOf({ cases, machine }: Results): string {
  const bars = cases.map(({ title, rounds }) => ({
    title,
    rate: median(rounds.map(({ requestsPerSecond }) => requestsPerSecond)),
  }));
  const decades = Math.ceil(Math.log10(Math.max(10, ...bars.map(({ rate }) => rate))));
  const lengthOf = (rate: number): number => (BARS * Math.max(0, Math.log10(rate))) / decades;
  const height = bars.length * BAR + 70;
  const lines = Array.from({ length: decades + 1 }, (_, power) => {
    const x = LABELS + (BARS * power) / decades;
    const label = (10 ** power).toLocaleString('en');
    return `<line x1="${x}" y1="30" x2="${x}" y2="${height - 34}" stroke="#ddd"/><text x="${x}" y="${height - 18}" text-anchor="middle" fill="#666">${label}</text>`;
  });
  const drawn = bars.map(({ title, rate }, i) => {
    const y = 36 + i * BAR;
    const color = OURS.test(title) ? '#1f6feb' : '#8b949e';
    const length = lengthOf(rate);
    return `<text x="${LABELS - 8}" y="${y + 12}" text-anchor="end">${escaped(title)}</text><rect x="${LABELS}" y="${y}" width="${length.toFixed(1)}" height="${BAR - 6}" fill="${color}"/><text x="${(LABELS + length + 6).toFixed(1)}" y="${y + 12}">${rate >= 100 ? Math.round(rate).toLocaleString('en') : rate.toFixed(1)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LABELS + BARS + 90} ${height}" font-family="sans-serif" font-size="12" fill="#222">`,
    '<rect width="100%" height="100%" fill="white"/>',
    `<text x="12" y="18" font-size="14">Requests per second on one core (logarithmic; ${escaped(machine.cpu)}, Node ${machine.node})</text>`,
    ...lines,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
