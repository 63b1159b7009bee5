import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { spanIn, traceparentOf } from './traceparent.js';

/** A request that has not been answered yet. */
export interface RequestSpan {
  readonly traceId: string;
  /** Runs `work`: the calls it makes belong to this request, however late. */
  within(work: () => void): void;
  end(name: string, attributes: Attributes, hasFailed: boolean): void;
}

/** Something that is done for another process, or requested of one. */
export interface Step<Result> {
  /** One of a few: without IDs. */
  readonly name: string;
  readonly attributes: Attributes;
  /** Attributes from its result, and whether it is a failure. */
  readonly describeResult: (result: Result) => {
    readonly attributes: Attributes;
    readonly hasFailed: boolean;
  };
}

/** The spans of one service. They contain nothing but their attributes: an error's message could quote anything. */
export class Tracing {
  readonly #current = new AsyncLocalStorage<Span>();
  readonly #tracer: Tracer;
  readonly #continues: boolean;
  /** Sends the remaining spans, for a bounded time. */
  readonly stop: () => Promise<void>;

  /** `callers`: whether their traces are continued, or only linked to. */
  constructor(parts: { tracer: Tracer; callers: 'ours' | 'anybody'; stop: () => Promise<void> }) {
    this.#tracer = parts.tracer;
    this.#continues = parts.callers === 'ours';
    this.stop = parts.stop;
  }

  /** Starts the span of a request; it gets its name at its end. `traceparent`: the caller's, if any. */
  serve(traceparent: unknown): RequestSpan {
    const span = this.#beginServing('request', {}, traceparent);
    return {
      traceId: span.spanContext().traceId,
      within: (work) => this.#current.run(span, work),
      end: (name, attributes, hasFailed) => {
        span.updateName(name);
        end(span, attributes, hasFailed);
      },
    };
  }

  /** Answers a question of another process. */
  answer<Result>(step: Step<Result>, traceparent: unknown, work: () => Promise<Result>): Promise<Result> {
    const span = this.#beginServing(step.name, step.attributes, traceparent);
    return this.#current.run(span, () => finish(span, step, work()));
  }

  /** Asks another process, passing it `traceparent`. Calls that belong to no traced request get no span. */
  ask<Result>(step: Step<Result>, work: (traceparent?: string) => Promise<Result>): Promise<Result> {
    const parent = this.#current.getStore();
    if (parent === undefined) return work();
    const { name, attributes } = step;
    const span = this.#tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, below(parent));
    return finish(span, step, work(traceparentOf(span.spanContext())));
  }

  #beginServing(name: string, attributes: Attributes, traceparent: unknown): Span {
    const caller = spanIn(traceparent);
    const options: SpanOptions = { kind: SpanKind.SERVER, attributes };
    if (caller === undefined) return this.#tracer.startSpan(name, options, ROOT_CONTEXT);
    if (!this.#continues)
      return this.#tracer.startSpan(name, { ...options, links: [{ context: caller }] }, ROOT_CONTEXT);
    return this.#tracer.startSpan(name, options, trace.setSpanContext(ROOT_CONTEXT, caller));
  }
}

function below(parent: Span): Context {
  return trace.setSpan(ROOT_CONTEXT, parent);
}

async function finish<Result>(
  span: Span,
  { describeResult }: Step<Result>,
  working: Promise<Result>,
): Promise<Result> {
  try {
    const result = await working;
    const { attributes, hasFailed } = describeResult(result);
    end(span, attributes, hasFailed);
    return result;
  } catch (err) {
    end(span, { 'error.type': err instanceof Error ? err.name : 'unknown' }, true);
    throw err;
  }
}

function end(span: Span, attributes: Attributes, hasFailed: boolean): void {
  span.setAttributes(attributes);
  if (hasFailed) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
