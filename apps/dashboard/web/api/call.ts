import * as z from 'zod/mini';

/** The backend refused the request. The message is for people, `code` for programs. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    /** From `Retry-After`, in seconds. */
    readonly retryAfterSeconds: number | undefined,
    /** The parsed response. */
    readonly body: unknown,
  ) {
    super(detail);
  }
}

/** No response arrived, or an unreadable one: the request may have taken effect or not. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
}

/** Dispatched on `window` when the session has ended. */
export const SIGNED_OUT = 'signed-out';

interface Request {
  readonly method?: 'GET' | 'POST';
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** At worst, a revocation waits until every gateway's cached entries have expired, 11 seconds. */
const TIMEOUT_MS = 30_000;

/** The backend puts its sentence in `detail`, better-auth in `message`. */
const problem = z.object({
  code: z.optional(z.string()),
  detail: z.optional(z.string()),
  message: z.optional(z.string()),
});

/** Calls the backend. Throws {@link ApiError} when it refuses, and {@link NetworkError} when it does not respond. */
export async function call<Answer extends z.ZodMiniType>(
  answer: Answer,
  path: string,
  request: Request = {},
): Promise<z.output<Answer>> {
  const response = await send(path, request);
  const json: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw toApiError(response, json);
  const read = z.safeParse(answer, json);
  if (!read.success) throw new NetworkError('The response could not be read.');
  return read.data;
}

async function send(path: string, { method = 'GET', body, headers = {} }: Request): Promise<Response> {
  try {
    return await fetch(path, {
      method,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (err) {
    throw new NetworkError('No response arrived.', { cause: err });
  }
}

function toApiError(response: Response, json: unknown): ApiError {
  const read = z.safeParse(problem, json);
  const { code = 'unknown', detail, message = '' } = read.success ? read.data : {};
  if (code === 'signed_out') window.dispatchEvent(new Event(SIGNED_OUT));
  // better-auth uses a header of its own.
  const wait = response.headers.get('retry-after') ?? response.headers.get('x-retry-after');
  const seconds = wait === null ? Number.NaN : Number(wait);
  return new ApiError(
    response.status,
    code,
    detail ?? message,
    Number.isFinite(seconds) ? seconds : undefined,
    json,
  );
}
