/** What is there at once when no RPC is needed, and else comes later: a promise for each request would be expensive. */
export type NowOrLater<T> = T | Promise<T>;

/** Whether the value is yet to come. */
export function isLater<T extends object | undefined>(value: NowOrLater<T>): value is Promise<T> {
  return value !== undefined && 'then' in value;
}
