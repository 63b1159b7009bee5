import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AnyValidKey, KeyVerifier } from '#libs/key-guard';
import { routeName } from '#libs/key-verifier';
import { TextBody } from '../fields/text-body.js';
import { AllowedOrigins } from './allowed-origins.js';
import { McpServer } from './mcp-server.js';

const message = z.looseObject({
  method: z.string().optional(),
  params: z.looseObject({ name: z.unknown().optional() }).optional(),
});

/** The tools, for MCP clients that connect by HTTP. */
@Controller('mcp')
@ApiExcludeController()
export class McpController {
  constructor(
    private readonly mcp: McpServer,
    private readonly verifier: KeyVerifier,
    private readonly origins: AllowedOrigins,
  ) {}

  @Post()
  @AnyValidKey()
  @TextBody(100_000)
  async serve(@Req() req: FastifyRequest, @Res() res: FastifyReply, @Body() body: unknown): Promise<void> {
    this.origins.check(req);
    const parsed = message.safeParse(body);
    if (parsed.success) await this.#authorize(req, parsed.data);
    await this.mcp.respond(req, res, body);
  }

  /** A tool that the key may not use is not listed; a client that calls it all the same is refused as on its route. */
  async #authorize(req: FastifyRequest, called: z.output<typeof message>): Promise<void> {
    const tool = this.mcp.calledTool(called);
    if (tool === undefined) return;
    req.activityName = routeName('MCP', tool.name);
    const refused = await this.verifier.admission.readmit(req, {
      opens: 'to capabilities',
      required: [tool.capability],
    });
    if (refused !== undefined) throw refused;
  }
}
