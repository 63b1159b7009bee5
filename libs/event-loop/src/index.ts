// Imported for its effect, before anything else: process.nextTick stays as fast as at first.
import './stable-next-tick.js';

export { BatchedWrites } from './batched-writes.js';
