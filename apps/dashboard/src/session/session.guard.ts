import { type CanActivate, type ExecutionContext, Injectable, createParamDecorator } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemException } from '#libs/problems';
import { FindSession, type Person } from './find-session.js';
import { SIGNED_OUT_TOO } from './public.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is signed in; set by the guard wherever somebody must be. */
    person?: Person;
  }
}

/** Lets those in who are signed in. A route is for others, too, only if it says so. */
@Injectable()
export class SessionGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly findSession: FindSession,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const places = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(SIGNED_OUT_TOO, places) === true) return true;
    const http = context.switchToHttp();
    const req = http.getRequest<FastifyRequest>();
    const person = await this.findSession.execute(req, http.getResponse<FastifyReply>());
    if (person === null) throw new ProblemException('signed_out', 'Sign in, and try again.');
    req.person = person;
    return true;
  }
}

/** Hands a route who is signed in. */
export const SignedIn = createParamDecorator((_: unknown, context: ExecutionContext): Person => {
  const { person } = context.switchToHttp().getRequest<FastifyRequest>();
  if (person === undefined) throw new Error('this route is open to those who are not signed in');
  return person;
});
