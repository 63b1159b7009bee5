import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Caller, Capabilities, type Principal } from '#libs/key-guard';
import { Forwarder } from '../forwarding/forwarder.js';
import { ApiRoute } from '../openapi/described-route.js';
import { HitPage, Note } from './note.js';
import { NoteParams, SearchQuery } from './requests.js';

/** The workspace knowledge base, to be read. */
@Controller('v1/kb')
@Capabilities('kb:read')
export class KbController {
  constructor(private readonly forwarder: Forwarder) {}

  @Get('search')
  @ApiRoute('Search the knowledge base', { type: HitPage })
  search(@Caller() caller: Principal, @Res() res: FastifyReply, @Query() query: SearchQuery): Promise<void> {
    return this.forwarder.forward(caller, res, { to: 'kb', path: ['kb', 'search'], query });
  }

  @Get('notes/*')
  @ApiRoute('Read a note', { type: Note })
  note(
    @Caller() caller: Principal,
    @Res() res: FastifyReply,
    @Param() { '*': path }: NoteParams,
  ): Promise<void> {
    return this.forwarder.forward(caller, res, { to: 'kb', path: ['kb', 'notes', ...path.split('/')] });
  }
}
