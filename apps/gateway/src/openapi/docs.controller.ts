import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Controller, Get, Header, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Catalogue } from '#libs/catalogue';
import { Public } from '#libs/key-guard';
import { GatewayProblem } from '../gateway-problem.js';
import { ApiDocument } from './api-document.js';

const require = createRequire(import.meta.url);

/** The files of Swagger UI's package that its page needs, and their types. */
const ASSETS: ReadonlyMap<string, string> = new Map([
  ['swagger-ui.css', 'text/css; charset=utf-8'],
  ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
  ['favicon-32x32.png', 'image/png'],
]);

const pageOf = (title: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>${escapeHtml(title)} API</title>
    <link rel="icon" href="docs/favicon-32x32.png">
    <link rel="stylesheet" href="docs/swagger-ui.css">
  </head>
  <body>
    <div id="page"></div>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
`;

/** An entered key stays in the page's memory, and is gone once the page is closed. */
const START = `SwaggerUIBundle({ url: 'openapi.json', dom_id: '#page', persistAuthorization: false, validatorUrl: null });\n`;

/** Only the gateway's own scripts and requests, so that nothing entered into the page goes elsewhere. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The OpenAPI document, and a page to try requests on. */
@Controller()
@Public()
@ApiExcludeController()
export class DocsController {
  readonly #assets = new Map<string, Promise<Buffer>>();

  constructor(
    private readonly document: ApiDocument,
    private readonly catalogue: Catalogue,
  ) {}

  @Get('openapi.json')
  @Header('content-type', 'application/json; charset=utf-8')
  openApi(): string {
    return this.document.text;
  }

  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', POLICY)
  page(): string {
    return pageOf(this.catalogue.title);
  }

  @Get('docs/start.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  start(): string {
    return START;
  }

  @Get('docs/:asset')
  async asset(@Param('asset') name: string, @Res({ passthrough: true }) res: FastifyReply): Promise<Buffer> {
    const type = ASSETS.get(name);
    if (type === undefined) throw new GatewayProblem('not_found', 'The page has no such file.');
    const asset = this.#assets.get(name) ?? readFile(require.resolve(`swagger-ui-dist/${name}`));
    this.#assets.set(name, asset);
    void res.headers({
      'content-type': type,
      'cache-control': 'public, max-age=3600',
      'x-content-type-options': 'nosniff',
    });
    return asset;
  }
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
