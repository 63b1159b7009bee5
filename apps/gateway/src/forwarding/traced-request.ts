import type { Dispatcher } from 'undici';
import type { Step } from '#libs/tracing';
import type { Upstream, UpstreamRequest } from './upstream.js';

/** A request to a service, as a span of it says. */
export function stepOf(
  { name, address }: Upstream,
  { method }: UpstreamRequest,
): Step<Dispatcher.ResponseData> {
  return {
    name: method,
    attributes: { 'http.request.method': method, 'peer.service': name, ...address },
    describeResult: ({ statusCode }) => ({
      attributes: { 'http.response.status_code': statusCode },
      hasFailed: statusCode >= 400,
    }),
  };
}

/** The request as part of our trace. The client's own ends at the gateway, and ours is linked to it. */
export function withTraceparent(request: UpstreamRequest, traceparent: string): UpstreamRequest {
  const headers: Record<string, string> = { ...request.headers, traceparent };
  delete headers.tracestate;
  return { ...request, headers };
}
