import type { Tracing } from './tracing.js';

export interface TracingOptions {
  /** Which service speaks. */
  readonly service: string;
  /** Where the collector is: `http://collector:4318`. Nothing is traced without it. */
  readonly endpoint: string | undefined;
  /** Which share of the traces that begin here is kept, from 0 to 1. */
  readonly share: number;
  /** Who calls the service: our own services, whose traces are continued, or anybody, whose traces are linked to. */
  readonly callers: 'ours' | 'anybody';
  /** Hears of the first spans of each outage that the collector has not taken. */
  readonly onTrouble: (cause: Error) => void;
}

/** Tracing, when there is a collector. Only then is the SDK loaded. */
export async function openTracing({ endpoint, ...options }: TracingOptions): Promise<Tracing | undefined> {
  if (endpoint === undefined) return undefined;
  const { exportingTracing } = await import('./exporting-tracing.js');
  return exportingTracing({ ...options, endpoint });
}
