import type { Logger } from 'pino';
import type { Tracing } from './tracing.js';
import type { TracingSettings } from './tracing-settings.js';

export interface TracingOptions {
  /** Which service speaks. */
  readonly service: string;
  /** Who calls the service: our own services, whose traces are continued, or anybody, whose traces are linked to. */
  readonly callers: 'ours' | 'anybody';
  /** Told once when the collector takes no spans, for each of its outages. */
  readonly log: Pick<Logger, 'warn'>;
}

/** Tracing, when there is a collector. Only then is the SDK loaded. */
export async function openTracing(
  settings: TracingSettings,
  options: TracingOptions,
): Promise<Tracing | undefined> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: share } = settings;
  if (endpoint === undefined) return undefined;
  const { exportingTracing } = await import('./exporting-tracing.js');
  return exportingTracing({ ...options, endpoint, share });
}
