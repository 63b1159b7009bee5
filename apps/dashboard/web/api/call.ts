import * as z from 'zod/mini';

/** The backend said no, with a sentence for people and a code for programs. */
export class ApiError extends Error {
  override readonly name = 'Refused';

  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    /** When it may be tried again, in seconds; undefined when it was not said. */
    readonly retryAfterSeconds: number | undefined,
    /** The whole answer. */
    readonly body: unknown,
  ) {
    super(detail);
  }
}

/** No answer came, or none that could be understood: what was asked may have happened or not. */
export class NetworkError extends Error {
  override readonly name = 'Unreachable';
}

/** The name of the event on `window` that says that the session is over. */
export const SIGNED_OUT = 'signed-out';

interface Request {
  readonly method?: 'GET' | 'POST';
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A revocation takes as long as the caches' life at the worst, and then some. */
const TIMEOUT_MS = 30_000;

/** Looks alike where the backend and better-auth differ: one has `detail`, the other `message`. */
const problem = z.object({
  code: z.optional(z.string()),
  detail: z.optional(z.string()),
  message: z.optional(z.string()),
});

// Without it, zod tries to compile code, which the Content-Security-Policy forbids, loudly.
z.config({ jitless: true });

/** Calls the backend. Throws {@link ApiError} when it says no, and {@link NetworkError} when it says nothing. */
export async function call<Answer extends z.ZodMiniType>(
  answer: Answer,
  path: string,
  request: Request = {},
): Promise<z.output<Answer>> {
  const response = await send(path, request);
  const json: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw refusal(response, json);
  const read = z.safeParse(answer, json);
  if (!read.success) throw new NetworkError('The answer was not understood.');
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
    throw new NetworkError('No answer came.', { cause: err });
  }
}

function refusal(response: Response, json: unknown): ApiError {
  const read = z.safeParse(problem, json);
  const { code = 'unknown', detail, message = '' } = read.success ? read.data : {};
  if (code === 'signed_out') window.dispatchEvent(new Event(SIGNED_OUT));
  // better-auth says it in a header of its own.
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
