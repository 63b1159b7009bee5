import { executionAsyncResource } from 'node:async_hooks';

/*
 * Imported for its effect: process.nextTick stays as quick as it is at first, for as long as the process lives.
 *
 * nextTick makes an object for each call. All are of one shape (a `Map` of V8), which V8 notes for the code that makes
 * them, weakly: when a garbage collection comes at a moment without any such object, the shape goes with the last one.
 * The next object has a new shape; V8 has now seen two, and from then on sets two properties of each by calls of its
 * runtime, which makes a tick nine times as expensive. A request takes ten ticks. One that is kept keeps the shape.
 *
 * `npm run bench -- --only ticks` shows both. To be imported first, since what was seen cannot be unseen.
 */
export const kept = new Set<object>();

process.nextTick(() => kept.add(executionAsyncResource()));
