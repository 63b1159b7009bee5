import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { DashboardProblem } from '../dashboard-problem.js';
import { type Endpoint, betterAuthUrl } from './better-auth-url.js';
import { tooManyAttempts } from './account-attempts.js';
import { originHeaders } from './origin-headers.js';
import type { SignIn } from './sign-in.js';
import { withSignInError } from './sign-in-error.js';

/** The request headers that better-auth needs. */
const FORWARDED_HEADERS = [
  'cookie',
  'origin',
  'user-agent',
  'sec-fetch-site',
  'sec-fetch-mode',
  'sec-fetch-dest',
];

/** A request to better-auth, which only gets the validated `body`. */
export interface Forwarded extends Endpoint {
  readonly body?: object;
}

/** Sends a request to better-auth and its response to the browser. Throws a {@link DashboardProblem} if it refuses. */
export async function forwardToBetterAuth(
  signIn: SignIn,
  { body, ...endpoint }: Forwarded,
  req: FastifyRequest,
  res: FastifyReply,
): Promise<void> {
  const headers = betterAuthHeaders(req);
  if (body !== undefined) headers.set('content-type', 'application/json');
  const request = new Request(betterAuthUrl(endpoint, signIn.options.baseURL), {
    method: req.method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = await signIn.handler(request);
  if (answer.status >= 400) throw await problemFor(answer);
  const cookies = answer.headers.getSetCookie();
  if (cookies.length > 0) void res.header('set-cookie', cookies);
  void res.code(answer.status);
  const location = answer.status < 300 ? null : answer.headers.get('location');
  if (location === null) {
    await res.send(publicBody(await answer.json()));
    return;
  }
  const landing = withSignInError(location, signIn.options.baseURL);
  // For the log and the metrics: the browser is sent to the page, which says it.
  if (landing.code !== null)
    req.refusal = new DashboardProblem('sign_in_refused', 'Sign-in was refused.', {
      foreignReason: landing.code.toLowerCase(),
    });
  await res.header('location', landing.location).send();
}

/** The headers for better-auth, with where the request comes from. */
export function betterAuthHeaders(req: FastifyRequest): Headers {
  const headers = new Headers(originHeaders(req));
  for (const name of FORWARDED_HEADERS) {
    const value = req.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  return headers;
}

const redirectBody = z.object({ url: z.string().optional() });

/** Drops the session token, which scripts could read here. It belongs only in the cookie. */
function publicBody(answer: unknown): { url?: string | undefined } {
  const read = redirectBody.safeParse(answer);
  return read.success ? read.data : {};
}

const refusal = z.object({ code: z.string().optional(), message: z.string().optional() });

async function problemFor(answer: Response): Promise<DashboardProblem> {
  const read = refusal.safeParse(await answer.json().catch(() => undefined));
  const { code = 'sign_in_refused', message = 'Sign-in was refused' } = read.data ?? {};
  const sentence = message.endsWith('.') ? message : `${message}.`;
  const because = { foreignReason: code.toLowerCase() };
  switch (answer.status) {
    case 400:
    case 422:
      return new DashboardProblem('invalid_request', sentence, because);
    case 401:
      return new DashboardProblem('sign_in_refused', 'Wrong email or password.', because);
    case 403:
      return new DashboardProblem('other_origin', 'Open the dashboard at its own URL.', because);
    case 404:
      return new DashboardProblem('not_found', "This sign-in method isn't set up.", because);
    case 429:
      return tooManyAttempts(Number(answer.headers.get('x-retry-after')));
    default:
      return new DashboardProblem(
        'internal_error',
        'Try again. If it keeps happening, report the request ID.',
        because,
      );
  }
}
