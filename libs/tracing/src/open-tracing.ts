import type { Logger } from 'pino';
import type { Tracing } from './tracing.js';
import type { TracingSettings } from './tracing-settings.js';

export interface TracingOptions {
  /** The service's name. */
  readonly service: string;
  /** Who calls the service: our own services, whose traces are continued, or anyone, whose traces are linked to. */
  readonly callers: 'ours' | 'anybody';
  /** Warned once per outage if the collector does not accept spans. */
  readonly log: Pick<Logger, 'warn'>;
}

/** Tracing, if there is a collector. Only then is the SDK loaded. */
export async function openTracing(
  settings: TracingSettings,
  options: TracingOptions,
): Promise<Tracing | undefined> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: share } = settings;
  if (endpoint === undefined) return undefined;
  const { exportingTracing } = await import('./exporting-tracing.js');
  return exportingTracing({ ...options, endpoint, share });
}
