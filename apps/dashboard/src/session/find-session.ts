import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { headersOf } from '../sign-in/forward-to-better-auth.js';
import { LIFETIME, SIGN_IN, type SignIn } from '../sign-in/sign-in.js';
import { WAYS_IN, type SignInOptions } from '../sign-in/sign-in-options.js';

/** Who makes a request, as signing in has found out. */
export interface Person {
  readonly id: string;
  /** The id of their owner in the keys service, where it is another one: see keys/key-owner.ts. */
  readonly ownerId: string | null;
  readonly email: string;
  /** Whether a provider has verified that the address is theirs. */
  readonly emailVerified: boolean;
  readonly name: string;
  readonly image: string | null;
}

/** Finds out who makes a request. */
@Injectable()
export class FindSession {
  constructor(
    @Inject(SIGN_IN) private readonly signIn: SignIn,
    @Inject(WAYS_IN) private readonly waysIn: SignInOptions,
  ) {}

  /**
   * The person whose session the request's cookie names; null when there is none, none any more, or none of somebody who
   * may sign in now. A session that is
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
    const isOver = session.createdAt.getTime() + LIFETIME.absolute * 1000 <= Date.now();
    if (isOver || !this.waysIn.allowed.allows(user.email)) {
      const { internalAdapter } = await this.signIn.$context;
      await internalAdapter.deleteSession(session.token);
      return null;
    }
    setCookies(res, headers);
    const { id, ownerId = null, email, emailVerified, name, image = null } = user;
    return { id, ownerId, email, emailVerified, name, image };
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
