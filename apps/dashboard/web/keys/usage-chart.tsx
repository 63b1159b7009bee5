import { Group, Table, Text } from '@mantine/core';
import type { KeyUsage } from '#libs/keys-contract';
import { countOf, exactTime, weekdayOf } from '../time/format.js';
import { useNow } from '../time/now.js';
import { keyMessages } from './messages.js';

const HOUR_MS = 3_600_000;
const HOURS = 7 * 24;
/** In the units of the drawing, as are all of these; an hour is 4 wide. */
const HEIGHT = 96;
const WIDTH = HOURS * 4;

/** The requests of the last 7 days, hour by hour, refused ones apart; and the same as a table. */
export function UsageChart({ hours }: Pick<KeyUsage, 'hours'>) {
  const now = useNow(60_000);
  const { usage } = keyMessages;
  const most = Math.max(1, ...hours.map(({ requests }) => requests));
  const first = (Math.floor(now / HOUR_MS) - HOURS + 1) * HOUR_MS;
  const place = (at: number): number => ((at - first) / HOUR_MS) * 4;
  return (
    <div>
      <svg className="usage-chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={usage.chart}>
        <line x1={0} x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} className="axis" />
        {hours.map(({ at, requests, refused }) => {
          const [all, no] = [requests, refused].map((count) => (count / most) * (HEIGHT - 4));
          const x = place(Date.parse(at));
          return (
            <g key={at}>
              <rect x={x} width={3} y={HEIGHT - (all ?? 0)} height={all} className="requests" />
              <rect x={x} width={3} y={HEIGHT - (no ?? 0)} height={no} className="refused" />
              <title>{usage.hour(exactTime(at), requests, refused)}</title>
            </g>
          );
        })}
      </svg>
      <div className="usage-days" aria-hidden>
        {Array.from({ length: 7 }, (_, day) => (
          <span key={day}>{weekdayOf(first + (day + 0.5) * 24 * HOUR_MS)}</span>
        ))}
      </div>
      <Group gap="md" my={4} fz="xs" c="dimmed">
        <span className="legend requests">{usage.accepted}</span>
        <span className="legend refused">{usage.table.refused}</span>
        <span>{usage.most(most)}</span>
      </Group>
      <AsTable hours={hours} />
    </div>
  );
}

function AsTable({ hours }: Pick<KeyUsage, 'hours'>) {
  const { table } = keyMessages.usage;
  return (
    <details>
      <Text component="summary" size="xs" c="dimmed">
        {table.show}
      </Text>
      <Table fz="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{table.hour}</Table.Th>
            <Table.Th ta="right">{table.requests}</Table.Th>
            <Table.Th ta="right">{table.refused}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {hours.toReversed().map(({ at, requests, refused }) => (
            <Table.Tr key={at}>
              <Table.Td>{exactTime(at)}</Table.Td>
              <Table.Td ta="right">{countOf(requests)}</Table.Td>
              <Table.Td ta="right">{countOf(refused)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </details>
  );
}
