import replyFrom from '@fastify/reply-from';
import { All, Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AnyValidKey, KeyGuardModule } from '#libs/key-guard';
import { runApplication } from './application.js';
import { guardOptions } from './case-settings.js';

@Controller()
class ProxyController {
  @All('*')
  @AnyValidKey()
  forward(@Req() req: FastifyRequest, @Res() res: FastifyReply): void {
    void res.from(req.url);
  }
}

// A minimal proxy, with or without the guard.
const { UPSTREAM_URL, GUARD } = z
  .object({ UPSTREAM_URL: z.string(), GUARD: z.enum(['on', 'off']) })
  .parse(process.env);

await runApplication({
  imports: GUARD === 'on' ? [KeyGuardModule.forRoot(guardOptions())] : [],
  controller: ProxyController,
  prepare: async (app) => {
    await app
      .getHttpAdapter()
      .getInstance()
      .register(replyFrom, {
        base: UPSTREAM_URL,
        undici: { connections: 64, pipelining: 1 },
      });
  },
});
