import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { TestDatabase } from '#libs/testing';
import { median } from './statistics.js';

/** How much of the machine's memory a PostgreSQL server uses, in bytes. */
export interface PostgresMemory {
  /** Of all its processes, including the used part of `shared_buffers`. */
  readonly total: number;
  /** As configured: its cache of the files on disk. */
  readonly sharedBuffers: number;
  readonly connections: number;
  /** Per connection, besides what it shares with others. */
  readonly perConnection: number;
}

/** Measures the server now, on this machine: Linux only. */
export async function memoryOf(database: TestDatabase): Promise<PostgresMemory> {
  const { rows } = await database.query(
    `SELECT pg_size_bytes(current_setting('shared_buffers'))::float8 AS "sharedBuffers",
            array_agg(pid) FILTER (WHERE backend_type = 'client backend') AS connections
       FROM pg_stat_activity`,
  );
  const [{ sharedBuffers, connections }] = z
    .tuple([z.object({ sharedBuffers: z.number(), connections: z.tuple([z.number()], z.number()) })])
    .parse(rows);
  const server = parentOf(connections[0]);
  const processes = [server, ...childrenOf(server)].map((pid) => proportionOf(pid));
  return {
    total: processes.reduce((sum, { all }) => sum + all, 0),
    sharedBuffers,
    connections: connections.length,
    perConnection: median(connections.map((pid) => proportionOf(pid).own)),
  };
}

function parentOf(pid: number): number {
  // The second field is the program's name in parentheses, which may contain anything.
  return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]);
}

function childrenOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return children === '' ? [] : children.split(' ').map(Number);
}

/** A process's memory, and the unshared part of it; a shared page counts proportionally (proc(5): `smaps_rollup`). */
function proportionOf(pid: number): { all: number; own: number } {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const bytesIn = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(rollup)?.[1]) * 1024;
  return { all: bytesIn('Pss'), own: bytesIn('Pss_Anon') };
}
