import { z } from 'zod';
import { loadOpen } from './open-loop.js';

// The open loop in its own process. Its argument is JSON, and it prints JSON: latency (null for a failure) and lateness.
const options = z.object({
  url: z.string(),
  tokens: z.string(),
  rate: z.number(),
  seconds: z.number(),
  warmupSeconds: z.number().default(0),
  isSparing: z.boolean().default(false),
});
const arrivals = await loadOpen(options.parse(JSON.parse(process.argv[2] ?? '')));
const lines = arrivals.map(({ latencyMs, lateMs }) => [latencyMs === Infinity ? null : latencyMs, lateMs]);
process.stdout.write(JSON.stringify(lines) + '\n');
