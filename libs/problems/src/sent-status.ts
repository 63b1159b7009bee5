import type { ServerResponse } from 'node:http';

/** The status that was sent; 499, as in nginx, if the client disconnected before. */
export function sentStatus({ headersSent, statusCode }: ServerResponse): number {
  return headersSent ? statusCode : 499;
}
