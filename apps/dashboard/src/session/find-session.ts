import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { headersOf } from '../sign-in/ask-better-auth.js';
import { LIFETIME, SIGN_IN, type SignIn } from '../sign-in/sign-in.js';

/** Who makes a request, as signing in has found out. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly image: string | null;
}

/** Finds out who makes a request. */
@Injectable()
export class FindSession {
  constructor(@Inject(SIGN_IN) private readonly signIn: SignIn) {}

  /**
   * The person whose session the request's cookie names; null when there is none, or none any more. A session that is
   * used lives on, and then `res` gets its cookie anew.
   */
  async execute(req: FastifyRequest, res: FastifyReply): Promise<Person | null> {
    if (req.headers.cookie === undefined) return null;
    const { headers, response } = await this.signIn.api
      .getSession({ headers: headersOf(req), returnHeaders: true })
      .catch(throwCause);
    if (response === null) {
      setCookies(res, headers);
      return null;
    }
    const { session, user } = response;
    if (session.createdAt.getTime() + LIFETIME.absolute * 1000 <= Date.now()) {
      const { internalAdapter } = await this.signIn.$context;
      await internalAdapter.deleteSession(session.token);
      return null;
    }
    setCookies(res, headers);
    return { id: user.id, email: user.email, name: user.name, image: user.image ?? null };
  }
}

function setCookies(res: FastifyReply, headers: Headers): void {
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) void res.header('set-cookie', cookies);
}

/** better-auth says only that it has failed, and hands on why: a database that is away is told apart by that. */
function throwCause(err: unknown): never {
  throw err instanceof Error && err.cause !== undefined ? err.cause : err;
}
