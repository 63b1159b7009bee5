import type { ServerResponse } from 'node:http';

/** The status that was sent; 499, as in nginx, where the client disconnected before there was one. */
export function sentStatus({ headersSent, statusCode }: ServerResponse): number {
  return headersSent ? statusCode : 499;
}
