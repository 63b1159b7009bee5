import { type SpanContext, isSpanContextValid } from '@opentelemetry/api';

const SHAPE = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The span of a `traceparent` (W3C Trace Context, section 3.2); undefined if it is invalid. */
export function spanIn(traceparent: unknown): SpanContext | undefined {
  const [, traceId = '', spanId = '', flags = ''] =
    typeof traceparent === 'string' ? (SHAPE.exec(traceparent) ?? []) : [];
  const span = { traceId, spanId, traceFlags: parseInt(flags, 16) & 1, isRemote: true };
  return isSpanContextValid(span) ? span : undefined;
}

/** The `traceparent` for the next process. */
export function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
