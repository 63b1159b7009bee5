import type { Dispatcher } from 'undici';

/** A request to a service has failed, before its response began or within it. `cause` says how. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';

  constructor(
    readonly upstream: string,
    override readonly cause: unknown,
  ) {
    super(`a request to the ${upstream} service has failed`, { cause });
  }
}

/**
 * Makes each failure of a request an {@link UpstreamError}. A response body ends with it, too, and Fastify, which reads
 * that, hands the error to the exception filter as it is.
 */
export function withUpstreamErrors(upstream: string): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart: (...args) => handler.onRequestStart?.(...args),
      onResponseStart: (...args) => handler.onResponseStart?.(...args),
      onResponseData: (...args) => handler.onResponseData?.(...args),
      onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
      onResponseError: (controller, err) =>
        handler.onResponseError?.(controller, new UpstreamError(upstream, err)),
    });
}
