import { randomUUID } from 'node:crypto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type ReadableSpan,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { TracingOptions } from './open-tracing.js';
import { Tracing } from './tracing.js';

/** How long the collector may take to accept spans, in milliseconds, including retries: a stop may take as long, too. */
const EXPORT_TIMEOUT_MS = 2000;

interface Collection {
  /** URL of the collector: `http://collector:4318`. */
  readonly endpoint: string;
  /** The share of the traces that start here to keep, from 0 to 1. */
  readonly share: number;
}

/** Sends spans to a collector, in the background. */
export function exportingTracing(options: TracingOptions & Collection): Tracing {
  const { service, endpoint, share, callers, log } = options;
  const exporter = new OTLPTraceExporter({
    url: `${endpoint}/v1/traces`,
    timeoutMillis: EXPORT_TIMEOUT_MS,
  });
  // For our own callers, the service that started the trace has decided whether it is kept.
  const sampler = new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) });
  const provider = new TracerProvider({
    sampler,
    resource: defaultResource().merge(
      resourceFromAttributes({ 'service.name': service, 'service.instance.id': randomUUID() }),
    ),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new WatchedExporter(exporter, (err) =>
          log.warn({ err }, 'the collector does not accept traces: they are lost'),
        ),
        scheduledDelayMillis: 1000,
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
      }),
    ],
  });
  return new Tracing({
    tracer: provider.getTracer('le-bureau'),
    callers,
    // What the collector does not accept in time is lost; the exporter has logged that.
    stop: () => provider.shutdown().catch(() => undefined),
  });
}

type Export = SpanExporter['export'];

/** An exporter that reports the first failure of each outage. OpenTelemetry's reports none. */
class WatchedExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #onTrouble: (cause: Error) => void;
  #isInTrouble = false;

  constructor(exporter: SpanExporter, onTrouble: (cause: Error) => void) {
    this.#exporter = exporter;
    this.#onTrouble = onTrouble;
  }

  export(spans: ReadableSpan[], done: Parameters<Export>[1]): void {
    this.#exporter.export(spans, (result) => {
      const { error } = result;
      if (error !== undefined && !this.#isInTrouble) this.#onTrouble(error);
      this.#isInTrouble = error !== undefined;
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }
}
