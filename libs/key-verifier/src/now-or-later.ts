/** A value if no RPC is needed, otherwise a promise: a promise for each request would be expensive. */
export type NowOrLater<T> = T | Promise<T>;

/** Whether the value is a promise. */
export function isLater<T extends object | undefined>(value: NowOrLater<T>): value is Promise<T> {
  return value !== undefined && 'then' in value;
}
