// For an app that is started.
export { type TracingOptions, openTracing } from './open-tracing.js';
export { tracingSettings } from './tracing-settings.js';

// For what is traced.
export { type RequestSpan, type Step, Tracing } from './tracing.js';
