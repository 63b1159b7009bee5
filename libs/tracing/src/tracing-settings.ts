import type { z } from 'zod';
import { baseUrl, text } from '#libs/settings';

/** The settings of tracing, the same in every app, under OpenTelemetry's names. */
export const tracingSettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: baseUrl(['http:', 'https:'], 'http://collector:4318')
    .optional()
    .describe('URL of the trace collector (OpenTelemetry, OTLP over HTTP). Default: no traces.'),
  OTEL_TRACES_SAMPLER_ARG: text('must be a share from 0 to 1, such as 0.05', /^(0(\.\d{1,6})?|1(\.0{1,6})?)$/)
    .transform(Number)
    .default(1)
    .describe('Share of the traces that start here to keep, from 0 to 1.'),
};

export type TracingSettings = z.output<z.ZodObject<typeof tracingSettings>>;
