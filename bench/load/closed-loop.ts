import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { OTHER_CORE, cpuMicroseconds, idleSince, readCore } from '../machine.js';

const SCRIPT = join(import.meta.dirname, '../../../bench/load/wrk.lua');

export interface ClosedLoop {
  /** The process that is measured. */
  readonly pid: number;
  readonly url: string;
  /** The path of a file with one bearer token per line, which are sent in turn. */
  readonly tokens: string;
  /** The path of a file with headers and a body to post, instead of GET without a body. */
  readonly post?: string | undefined;
  readonly connections: number;
  readonly seconds: number;
}

const summary = z.object({
  requests: z.number(),
  microseconds: z.number(),
  notOk: z.number(),
  failed: z.number(),
  p50: z.number(),
  p99: z.number(),
});

/** The results of one run. */
export interface ClosedLoopResult {
  readonly requestsPerSecond: number;
  /** Processor time of the measured process per request. Other load on the machine hardly affects it. */
  readonly cpuMicroseconds: number;
  /** The share of its core that the measured process and its threads had: less than all if others ran there, too. */
  readonly coreShare: number;
  /** Milliseconds at this load, the maximum that the server can handle. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The share of responses other than 2xx. */
  readonly notOkShare: number;
  /** How much of the core of the load, and of what the server depends on, was idle. */
  readonly loadIdle: number;
}

/** Loads a server with wrk, which sends a connection's next request once the last was answered. */
export async function loadClosed({
  pid,
  url,
  tokens,
  post,
  connections,
  seconds,
}: ClosedLoop): Promise<ClosedLoopResult> {
  const before = { cpu: cpuMicroseconds(pid), load: readCore(OTHER_CORE) };
  const args = [
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '--timeout',
    '10s',
    '-s',
    SCRIPT,
    url,
    '--',
    tokens,
    ...(post === undefined ? [] : [post]),
  ];
  const { stdout } = await promisify(execFile)('wrk', args);
  const cpu = cpuMicroseconds(pid) - before.cpu;
  const loadIdle = idleSince(before.load, OTHER_CORE);
  const line = stdout.split('\n').find((text) => text.startsWith('{')) ?? '';
  const { requests, microseconds, notOk, failed, p50, p99 } = summary.parse(JSON.parse(line));
  if (failed > 0) throw new Error(`${url}: ${failed} requests were not answered`);
  return {
    requestsPerSecond: (requests * 1e6) / microseconds,
    cpuMicroseconds: cpu / Math.max(1, requests),
    coreShare: cpu / microseconds,
    p50Ms: p50 / 1000,
    p99Ms: p99 / 1000,
    notOkShare: notOk / Math.max(1, requests),
    loadIdle,
  };
}
