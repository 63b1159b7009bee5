import { type CanActivate, type ExecutionContext, Injectable, createParamDecorator } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DashboardProblem } from '../dashboard-problem.js';
import { FindSession, type Person } from './find-session.js';
import { IS_PUBLIC } from './public.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The signed-in person. Set by {@link SessionGuard} except on public routes. */
    person?: Person;
  }
}

/** Requires a session on every route that is not {@link Public}. */
@Injectable()
export class SessionGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly findSession: FindSession,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const places = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(IS_PUBLIC, places) === true) return true;
    const http = context.switchToHttp();
    const req = http.getRequest<FastifyRequest>();
    const person = await this.findSession.execute(req, http.getResponse<FastifyReply>());
    if (person === null) throw new DashboardProblem('signed_out', 'Sign in, then try again.');
    req.person = person;
    return true;
  }
}

/** Parameter decorator: the signed-in person. */
export const SignedIn = createParamDecorator((_: unknown, context: ExecutionContext): Person => {
  const { person } = context.switchToHttp().getRequest<FastifyRequest>();
  if (person === undefined) throw new Error('@SignedIn() cannot be used on a public route');
  return person;
});
