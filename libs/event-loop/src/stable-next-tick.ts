import { executionAsyncResource } from 'node:async_hooks';

/*
 * Imported for its effect: process.nextTick stays as fast as at first for as long as the process lives.
 *
 * nextTick creates an object for each call, all of one shape (a `Map` of V8). V8 refers to that shape weakly from the code
 * that creates them: if a garbage collection comes while no such object exists, the shape is collected, too. The next
 * object gets a new shape; V8 has then seen two, and from then on sets two properties of each object by calls of its
 * runtime, which makes a tick nine times as expensive. A request takes ten ticks. Keeping one object keeps the shape.
 *
 * `npm run bench -- --only ticks` shows both. Import it first, since V8 does not forget a second shape.
 */
export const kept = new Set<object>();

process.nextTick(() => kept.add(executionAsyncResource()));
