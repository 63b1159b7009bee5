import type { z } from 'zod';
import { baseUrl, text } from '#libs/settings';

/** What every app can be told of traces, under the standard's names. */
export const tracingSettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: baseUrl(['http:', 'https:'], 'http://collector:4318')
    .optional()
    .describe(
      'Collector of traces (OpenTelemetry, OTLP over HTTP). Without it there are none, and they cost nothing.',
    ),
  OTEL_TRACES_SAMPLER_ARG: text('must be a share from 0 to 1, such as 0.05', /^(0(\.\d{1,6})?|1(\.0{1,6})?)$/)
    .transform(Number)
    .default(1)
    .describe('Which share of the traces that begin here is kept.'),
};

export type TracingSettings = z.output<z.ZodObject<typeof tracingSettings>>;
