/** The maximum nesting of a body: later readers are recursive. */
const MAX_DEPTH = 20;

/** The maximum number of values, whatever its size: class-transformer and class-validator visit each several times. */
const MAX_VALUES = 1200;

/** What {@link isPlainBody} requires. */
export const PLAIN_BODY = `Send a JSON object, at most ${MAX_DEPTH} levels deep and with at most ${MAX_VALUES} values.`;

/** Whether reading a body takes no longer than its size suggests. */
export function isPlainBody(body: unknown): boolean {
  let values = 0;
  const isPlain = (value: unknown, depth: number): boolean => {
    if (++values > MAX_VALUES) return false;
    if (typeof value !== 'object' || value === null) return true;
    if (depth > MAX_DEPTH) return false;
    if (Array.isArray(value)) return value.every((inner) => isPlain(inner, depth + 1));
    for (const name in value) if (!isPlain(Reflect.get(value, name), depth + 1)) return false;
    return true;
  };
  return typeof body === 'object' && body !== null && !Array.isArray(body) && isPlain(body, 1);
}
