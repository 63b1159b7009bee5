import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Controller, Get } from '@nestjs/common';
import * as z from 'zod/mini';
import { ApiRoute } from './api-route.js';

/** Written by `npm run docs`, and part of the package. */
const FILE = join(import.meta.dirname, '../../../../../openapi.keys.json');

const documentSchema = z.looseObject({ openapi: z.string() });

/** What this API can do, to those who may use it. */
@Controller('openapi.json')
export class OpenApiController {
  @Get()
  @ApiRoute({ id: 'openapi_get', summary: 'Get this document', answer: documentSchema })
  async get(): Promise<z.output<typeof documentSchema>> {
    return documentSchema.parse(JSON.parse(await readFile(FILE, 'utf8')));
  }
}
