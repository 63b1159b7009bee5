import { Controller, Get, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FindSession } from '../session/find-session.js';
import { Public } from '../session/public.js';
import { BuiltPage } from './built-page.js';

/** The URLs that people open. All serve the same HTML file, which shows the page for its URL. */
@Controller()
@Public()
export class PageController {
  constructor(
    private readonly page: BuiltPage,
    private readonly findSession: FindSession,
  ) {}

  @Get()
  async front(@Req() req: FastifyRequest, @Res() res: FastifyReply): Promise<void> {
    const person = await this.findSession.execute(req, res);
    await res.redirect(person === null ? '/sign-in' : '/settings?tab=apiKeys', 302);
  }

  @Get(['sign-in', 'settings', 'settings/keys/:keyId'])
  async show(@Res() res: FastifyReply): Promise<void> {
    await res.type('text/html; charset=utf-8').send(this.page.index());
  }
}
