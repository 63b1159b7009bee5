import type { AuditEvent } from '#libs/keys-contract';
import { table } from '../output.js';

/** How many columns a terminal has that shows a line as one. */
const MAX_WIDTH = 120;

const HEADER = ['TIME', 'ACTION', 'ACTOR', 'FROM', 'OWNER', 'KEY', 'REQUEST'];

/** Columns that may be cut: --json has what is missing. */
const CUTTABLE = [2, 3, 4];

/** The beginning of a request ID suffices to find it in a log. */
const REQUEST_ID_SHOWN = 8;

/** Audit events as a table, with the details of each on a line below it. */
export function auditTable(events: readonly AuditEvent[]): string {
  const rows = events.map(({ at, action, actor, address, ownerId, keyId, requestId }) => [
    `${at.slice(0, 19)}Z`,
    action,
    actor,
    address ?? '',
    ownerId,
    keyId ?? '',
    requestId?.slice(0, REQUEST_ID_SHOWN) ?? '',
  ]);
  const [header = '', ...lines] = table(fitted([HEADER, ...rows])).split('\n');
  const withDetails = lines.flatMap((line, i) => {
    const { details = {} } = events[i] ?? {};
    return Object.keys(details).length === 0 ? [line] : [line, `  ${JSON.stringify(details)}`];
  });
  return [header, ...withDetails].join('\n');
}

/** Cuts the longest cells until all lines fit. */
function fitted(rows: readonly (readonly string[])[]): string[][] {
  const widths = HEADER.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const total = widths.reduce((sum, width) => sum + width + 2, -2);
  for (let excess = total - MAX_WIDTH; excess > 0; excess--) {
    const [widest = 0] = [...CUTTABLE].sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0));
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return rows.map((row) => row.map((cell, i) => cut(cell, widths[i] ?? 0)));
}

function cut(cell: string, width: number): string {
  return cell.length <= width ? cell : `${cell.slice(0, width - 1)}…`;
}
