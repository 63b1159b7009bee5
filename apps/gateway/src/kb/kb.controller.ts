import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Capabilities } from '#libs/key-guard';
import { Forwarder, ForwardsTo } from '../forwarding/forwarder.js';
import { ApiRoute } from '../openapi/described-route.js';
import { HitPage, Note } from './note.js';
import { NoteParams, SearchQuery } from './requests.js';

/** Reads the workspace knowledge base. */
@Controller('v1/kb')
@Capabilities('kb:read')
export class KbController {
  constructor(@ForwardsTo('kb') private readonly kb: Forwarder) {}

  @Get('search')
  @ApiRoute('Search the knowledge base', { type: HitPage })
  search(@Res() res: FastifyReply, @Query() query: SearchQuery): Promise<void> {
    return this.kb.forward(res, ['search'], { query });
  }

  @Get('notes/*')
  @ApiRoute('Read a note', { type: Note })
  note(@Res() res: FastifyReply, @Param() { '*': path }: NoteParams): Promise<void> {
    return this.kb.forward(res, ['notes', ...path.split('/')]);
  }
}
