import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { KEY_TEST_HEADER, KEY_TEST_ROUTE } from '#libs/keys-contract';

/**
 * Names requests by which the dashboard tests a key, so that people who wait for their programs to use a new key do not take
 * their own test for it. Anyone with the key can send the header; all it does is to name a `GET /v1/me`, which is recorded
 * with its address like any other.
 */
@Injectable()
export class NameKeyTests {
  constructor({ httpAdapter }: HttpAdapterHost<FastifyAdapter>) {
    // A hook of this route alone costs the others nothing.
    httpAdapter.getInstance().addHook('onRoute', (route) => {
      if (route.url !== '/v1/me') return;
      route.onRequest = [route.onRequest ?? []].flat().concat((req, _res, done) => {
        if (req.headers[KEY_TEST_HEADER] !== undefined) req.activityName = KEY_TEST_ROUTE;
        done();
      });
    });
  }
}
