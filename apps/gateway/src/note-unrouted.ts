import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { UnroutedRequests } from '#libs/key-guard';

/** What is answered where there is a route, but none for the method. */
const METHOD_NOT_ALLOWED = 405;

/** Has what no route takes noted in the activity of the key that it carries. */
@Injectable()
export class NoteUnrouted {
  constructor({ httpAdapter }: HttpAdapterHost<FastifyAdapter>, unrouted: UnroutedRequests) {
    httpAdapter.getInstance().addHook('onResponse', (req, res, done) => {
      const hasRoute = req.routeOptions.url !== undefined && res.statusCode !== METHOD_NOT_ALLOWED;
      // A service behind a route may answer 405 as well; then the guard has noted it.
      if (!hasRoute && req.keyId === undefined) unrouted.note(req, res.statusCode);
      done();
    });
  }
}
