import { declareProblems } from '#libs/problems';

const REASONS = {
  upstream_not_configured: 'the service behind the route has no URL in this deployment',
  upstream_unreachable: 'the service behind the route cannot be reached',
  upstream_full: 'the service behind the route has `UPSTREAM_CONNECTIONS` requests open',
  upstream_late: 'the service behind the route did not begin its answer in time',
  upstream_broken: 'the service behind the route closed the connection early',
  authorize_request_wrong:
    'a proxy sent a query or headers to `/authorize` that are not as [described](forward-auth.md)',
  exposure_limited:
    'an address has sent too many reports of exposed keys within an hour, or invalid ones within a minute',
  exposure_not_done: 'exposed keys cannot be reported to the keys service; the log of keys says why',
  report_not_authorized: 'a report of exposed keys came without the shared token',
  report_keys_unavailable:
    'the public keys of a secret scanner cannot be fetched; a warning at the gateway says why',
  reported_key_dead: 'a scanner asked about a text that is no key, or one that is revoked or expired',
  upstream_bad_answer:
    'the service behind the route gave an answer that is not for clients, such as a 401 to the gateway',
} as const;

/** What the gateway itself says no with; its guard has problems of its own. */
export class GatewayProblem extends declareProblems({
  codes: {
    bad_gateway: { status: 502, title: 'A service behind this one failed' },
    plain_http: { status: 403, title: 'The request was not encrypted' },
    report_not_signed: { status: 403, title: 'The report is not signed' },
    origin_not_allowed: { status: 403, title: 'Scripts of this page may not call this' },
    gateway_timeout: { status: 504, title: 'A service behind this one did not respond in time' },
  },
  reasons: REASONS,
}) {}
