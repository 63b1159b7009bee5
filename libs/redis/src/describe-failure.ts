/** Redis is unavailable to every command. The message is a sentence that says why and what to do. */
export class RedisUnavailable extends Error {
  override readonly name = 'RedisUnavailable';
}

/** TLS errors about a certificate that is not trusted. */
const UNTRUSTED =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|ERR_TLS_CERT_ALTNAME_INVALID)/;

/** TLS errors about a server that does not speak TLS. */
const NO_TLS = /^(EPROTO$|ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|INVALID_))/;

/** The server, as configured. */
export interface Server {
  /** Its address, without user and password. */
  readonly where: string;
  readonly isTls: boolean;
}

/**
 * Why Redis cannot be reached, in a sentence that says what to do. `cause`: the last error of the connection; undefined if
 * it was closed without one.
 */
export function describeFailure(cause: Error | undefined, server: Server): RedisUnavailable {
  return new RedisUnavailable(`Redis at ${server.where} ${predicateOf(cause, server)}`, { cause });
}

function predicateOf(cause: Error | undefined, server: Server): string {
  const { isTls } = server;
  if (cause === undefined) {
    if (isTls) return 'closes the connection without an answer.';
    return 'closes the connection without an answer: if it expects TLS, REDIS_URL must begin with rediss://; if it is in protected mode, set protected-mode to no there.';
  }
  if (cause instanceof AggregateError && cause.errors[0] instanceof Error)
    return predicateOf(cause.errors[0], server);
  const { message } = cause;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  if (message.startsWith('WRONGPASS'))
    return 'refuses the user or the password: correct REDIS_PASSWORD, or REDIS_URL.';
  if (message.startsWith('NOAUTH')) return 'requires a password: set REDIS_PASSWORD.';
  if (NO_TLS.test(code)) return 'does not speak TLS: REDIS_URL must begin with redis://, not rediss://.';
  if (UNTRUSTED.test(code))
    return `has a certificate that is not trusted (${message}): name its authority in REDIS_TLS_CA.`;
  // A Redis without TLS takes the beginning of a handshake for a command, and waits for its end.
  if (isTls && code === 'ETIMEDOUT')
    return `does not answer (${message}): if it does not speak TLS, REDIS_URL must begin with redis://, not rediss://.`;
  return `cannot be reached (${message || code || cause.name}).`;
}
