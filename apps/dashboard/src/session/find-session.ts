import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { betterAuthHeaders } from '../sign-in/forward-to-better-auth.js';
import { SESSION_SECONDS, SIGN_IN, type SignIn } from '../sign-in/sign-in.js';
import { SIGN_IN_OPTIONS, type SignInOptions } from '../sign-in/sign-in-options.js';

/** The person who is signed in. */
export interface Person {
  readonly id: string;
  /** The id of their owner in the keys service, if it is not `id`: see keys/claim-owner.ts. */
  readonly ownerId: string | null;
  readonly email: string;
  /** Whether a provider has verified that the address is theirs. */
  readonly emailVerified: boolean;
  readonly name: string;
  readonly image: string | null;
}

/** Finds the session of a request. */
@Injectable()
export class FindSession {
  constructor(
    @Inject(SIGN_IN) private readonly signIn: SignIn,
    @Inject(SIGN_IN_OPTIONS) private readonly signInOptions: SignInOptions,
  ) {}

  /**
   * The person whose session the cookie names. Null if there is none, it has ended, or the person is no longer allowed to
   * sign in. Using a session extends it, which sets its cookie on `res` again.
   */
  async execute(req: FastifyRequest, res: FastifyReply): Promise<Person | null> {
    if (req.headers.cookie === undefined) return null;
    const { headers, response } = await this.signIn.api
      .getSession({ headers: betterAuthHeaders(req), returnHeaders: true })
      .catch(throwCause);
    if (response === null) {
      setCookies(res, headers);
      return null;
    }
    const { session, user } = response;
    const isOver = session.createdAt.getTime() + SESSION_SECONDS.absolute * 1000 <= Date.now();
    if (isOver || !this.signInOptions.allowed.allows(user.email)) {
      const { internalAdapter } = await this.signIn.$context;
      await internalAdapter.deleteSession(session.token);
      return null;
    }
    setCookies(res, headers);
    const { id, ownerId = null, email, emailVerified, name, image = null } = user;
    return { id, ownerId, email, emailVerified, name, image };
  }

  /** The token of the session that the cookie names, if there is one that has not expired. */
  async token(req: FastifyRequest): Promise<string | null> {
    if (req.headers.cookie === undefined) return null;
    const query = { disableRefresh: true };
    const found = await this.signIn.api
      .getSession({ headers: betterAuthHeaders(req), query })
      .catch(throwCause);
    return found?.session.token ?? null;
  }
}

function setCookies(res: FastifyReply, headers: Headers): void {
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) void res.header('set-cookie', cookies);
}

/** better-auth wraps errors. The cause tells whether the database is down. */
function throwCause(err: unknown): never {
  throw err instanceof Error && err.cause !== undefined ? err.cause : err;
}
