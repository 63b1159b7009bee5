import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ProblemException, retryAfter } from '#libs/problems';
import { addressOf } from './address-of.js';
import { CLIENT_ADDRESS, type SignIn } from './sign-in.js';

/** The headers of a request that better-auth goes by. */
const HEADERS = ['cookie', 'origin', 'user-agent', 'sec-fetch-site', 'sec-fetch-mode', 'sec-fetch-dest'];

/**
 * Hands a request on to better-auth, and its answer to the browser. `body` is what was validated, and all that it gets
 * to see. Throws a {@link ProblemException} for what it refuses.
 */
export async function askBetterAuth(
  signIn: SignIn,
  req: FastifyRequest,
  res: FastifyReply,
  body?: object,
): Promise<void> {
  const headers = headersOf(req);
  if (body !== undefined) headers.set('content-type', 'application/json');
  const request = new Request(addressOf(req, signIn.options.baseURL), {
    method: req.method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = await signIn.handler(request);
  if (answer.status >= 400) throw await refusalIn(answer);
  const cookies = answer.headers.getSetCookie();
  if (cookies.length > 0) void res.header('set-cookie', cookies);
  void res.code(answer.status);
  const location = answer.status < 300 ? null : answer.headers.get('location');
  if (location === null) await res.send(publicPart(await answer.json()));
  else await res.header('location', location).send();
}

/** What better-auth needs to know of a request, with the address of whoever is behind our proxies. */
export function headersOf(req: FastifyRequest): Headers {
  const headers = new Headers({ [CLIENT_ADDRESS]: req.ip });
  for (const name of HEADERS) {
    const value = req.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  return headers;
}

const said = z.object({ url: z.string().optional() });

/** Its answers have the session's token, too, which is the cookie's alone: scripts could read it here. */
function publicPart(answer: unknown): { url?: string | undefined } {
  const read = said.safeParse(answer);
  return read.success ? read.data : {};
}

const refusal = z.object({ code: z.string().optional(), message: z.string().optional() });

async function refusalIn(answer: Response): Promise<ProblemException> {
  const read = refusal.safeParse(await answer.json().catch(() => undefined));
  const { code: reason = 'sign_in_refused', message = 'Signing in was refused' } = read.data ?? {};
  const sentence = message.endsWith('.') ? message : `${message}.`;
  const because = { reason: reason.toLowerCase() };
  switch (answer.status) {
    case 400:
    case 422:
      return new ProblemException('invalid_request', sentence, because);
    case 401:
      return new ProblemException('sign_in_refused', sentence, because);
    case 403:
      return new ProblemException('other_origin', 'Open the dashboard at its own address.', because);
    case 404:
      return new ProblemException('not_found', 'Nobody can sign in that way here.', because);
    case 429: {
      const seconds = Number(answer.headers.get('x-retry-after'));
      return new ProblemException('rate_limited', `Too many attempts. Try again in ${seconds} seconds.`, {
        headers: retryAfter(seconds),
        reason: 'sign_in_limit',
      });
    }
    default:
      return new ProblemException(
        'internal_error',
        'Try again. If it stays, tell us the request id.',
        because,
      );
  }
}
