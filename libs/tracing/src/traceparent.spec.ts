import { describe, expect, it } from '@jest/globals';
import { spanIn, traceparentOf } from './traceparent.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

describe('a traceparent', () => {
  it.each(['00', '01'])('is read and written with the flags %s', (flags) => {
    const text = `00-${TRACE}-${SPAN}-${flags}`;
    const span = spanIn(text);
    expect(span).toMatchObject({ traceId: TRACE, spanId: SPAN, isRemote: true });
    expect(span && traceparentOf(span)).toBe(text);
  });

  it('has only the known flag', () => {
    const span = spanIn(`00-${TRACE}-${SPAN}-ff`);
    expect(span && traceparentOf(span)).toBe(`00-${TRACE}-${SPAN}-01`);
  });

  it.each([
    undefined,
    '',
    7,
    ['00'],
    `01-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
  ])('is ignored if invalid: %j', (text) => {
    expect(spanIn(text)).toBeUndefined();
  });
});
