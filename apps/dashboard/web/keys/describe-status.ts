/** The phrases of RFC 9110 section 15 for what the gateway and the services behind it usually answer. */
const PHRASES: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** The gateway records this status for a request whose client left before the response was complete. */
const CLIENT_CLOSED_REQUEST = 499;

/** `200 OK`. A status without a phrase stands alone. */
export function describeStatus(status: number): string {
  if (status === CLIENT_CLOSED_REQUEST) return 'client disconnected';
  return `${status} ${PHRASES[status] ?? ''}`.trim();
}
