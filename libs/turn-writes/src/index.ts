export { TurnWrites } from './turn-writes.js';
