import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { UnroutedRequests } from '#libs/key-guard';

/** The status where a route exists, but not for this method. */
const METHOD_NOT_ALLOWED = 405;

/** Records requests that match no route in the activity of the key that they carry. */
@Injectable()
export class RecordUnroutedRequests {
  constructor({ httpAdapter }: HttpAdapterHost<FastifyAdapter>, unrouted: UnroutedRequests) {
    httpAdapter.getInstance().addHook('onResponse', (req, res, done) => {
      const hasRoute = req.routeOptions.url !== undefined && res.statusCode !== METHOD_NOT_ALLOWED;
      // A service behind a route may answer 405, too; then the guard has recorded it.
      if (!hasRoute && req.keyId === undefined) unrouted.note(req, res.statusCode);
      done();
    });
  }
}
