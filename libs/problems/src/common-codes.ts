/**
 * The codes that any service may respond with, each with its status and title. An app or library declares further ones:
 * see {@link declareProblems}.
 */
export const COMMON_CODES = {
  invalid_request: { status: 400, title: 'The request is malformed' },
  credentials_missing: { status: 401, title: 'Credentials are missing' },
  invalid_token: { status: 401, title: 'The credentials are not valid' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  expectation_failed: { status: 417, title: 'The expectation cannot be met' },
  rate_limited: { status: 429, title: 'Too many requests' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  internal_error: { status: 500, title: 'Something went wrong on our side' },
  unavailable: { status: 503, title: 'The service cannot answer right now' },
} as const;

export type CommonCode = keyof typeof COMMON_CODES;
