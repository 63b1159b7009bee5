import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Controller,
  Get,
  type INestApplication,
  Module,
  type ModuleMetadata,
  Param,
  Post,
  VersioningType,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ApiOperation,
  ApiResponse,
  DocumentBuilder,
  type OpenAPIObject,
  SwaggerModule,
} from '@nestjs/swagger';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { AnyOf, AnyValidKey, Capabilities, KeyGuardModule, OptionalKey, Public } from '#libs/key-guard';
import { describeCapabilities } from '#libs/key-guard/swagger';
import { KeyGuardHealthIndicator } from '#libs/key-guard/terminus';
import { KeyGuardTestingModule } from '#libs/key-guard/testing';
import { call, freePort } from '#libs/testing';

@Controller('invoices')
class InvoicesController {
  @Get(':id')
  @Capabilities('invoices:read', 'invoices:list')
  @ApiOperation({ description: 'Reads an invoice.' })
  @ApiResponse({ status: 403, description: 'Our own words.' })
  read(@Param('id') id: string) {
    return { id };
  }

  @Post()
  @AnyOf('invoices:write', 'invoices:admin')
  write() {
    return {};
  }

  @Get('mine')
  @AnyValidKey()
  mine() {
    return {};
  }

  @Get('prices')
  @OptionalKey()
  prices() {
    return {};
  }

  @Get('about')
  @Public()
  about() {
    return {};
  }
}

let app: INestApplication | undefined;
afterEach(() => app?.close());

async function create(metadata: ModuleMetadata): Promise<INestApplication> {
  @Module(metadata)
  class AppModule {}
  app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
  return app;
}

describe('the OpenAPI document of an application', () => {
  const metadata = {
    imports: [KeyGuardTestingModule.forRoot({ keys: {} })],
    controllers: [InvoicesController],
  };
  const describeApi = async (
    openapi: string,
    prepare: (app: INestApplication) => void,
  ): Promise<OpenAPIObject> => {
    const created = await create(metadata);
    prepare(created);
    await created.init();
    const config = new DocumentBuilder().setOpenAPIVersion(openapi).build();
    return describeCapabilities(SwaggerModule.createDocument(created, config), created);
  };

  it('says which key each operation needs', async () => {
    const { paths, components } = await describeApi(
      '3.1.0',
      (created) => void created.setGlobalPrefix('api'),
    );
    expect(components?.securitySchemes).toEqual({
      apiKey: { type: 'http', scheme: 'bearer', description: 'An API key.' },
    });
    expect(paths['/api/invoices/{id}']?.get).toMatchObject({
      security: [{ apiKey: ['invoices:read', 'invoices:list'] }],
      description: 'Reads an invoice.\n\nNeeds `invoices:read` and `invoices:list`.',
      'x-capabilities': ['invoices:read', 'invoices:list'],
      responses: { 401: {}, 403: { description: 'Our own words.' }, 429: {} },
    });
    expect(paths['/api/invoices']?.post).toMatchObject({
      security: [{ apiKey: [] }],
      description: 'Needs `invoices:write` or `invoices:admin`.',
      'x-any-capability': ['invoices:write', 'invoices:admin'],
      responses: { 201: {}, 403: {} },
    });
    const mine = paths['/api/invoices/mine']?.get;
    expect(mine).toMatchObject({ security: [{ apiKey: [] }], description: 'Any valid key may call it.' });
    expect(Object.keys(mine?.responses ?? {})).toEqual(['200', '401', '429']);
    expect(paths['/api/invoices/prices']?.get).toMatchObject({ security: [{}, { apiKey: [] }] });
    expect(paths['/api/invoices/about']?.get?.security).toBeUndefined();
  });

  it('says so of routes with versions, and in a document of version 3.0, which has no lists', async () => {
    const { paths } = await describeApi('3.0.0', (created) =>
      created.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' }),
    );
    expect(paths['/v1/invoices/{id}']?.get).toMatchObject({
      security: [{ apiKey: [] }],
      'x-capabilities': ['invoices:read', 'invoices:list'],
    });
  });

  it('cannot describe an operation that is not of the application', async () => {
    const created = await create(metadata);
    await created.init();
    const document = SwaggerModule.createDocument(created, new DocumentBuilder().build());
    document.paths['/other'] = { get: { responses: {} } };
    expect(() => describeCapabilities(document, created)).toThrow(
      'GET /other is no route of this application',
    );
  });
});

describe('a health check of Terminus', () => {
  @Controller('health')
  class HealthController {
    constructor(
      private readonly health: HealthCheckService,
      private readonly keyGuard: KeyGuardHealthIndicator,
    ) {}

    @Get()
    @HealthCheck()
    @Public()
    check() {
      return this.health.check([() => this.keyGuard.isHealthy('keys')]);
    }
  }
  const healthOf = async (guard: NonNullable<ModuleMetadata['imports']>[number]) => {
    const created = await create({
      imports: [guard, TerminusModule],
      controllers: [HealthController],
      providers: [KeyGuardHealthIndicator],
    });
    await created.listen(0, '127.0.0.1');
    return call(`${await created.getUrl()}/health`);
  };

  it('is up while keys can be verified', async () => {
    expect(await healthOf(KeyGuardTestingModule.forRoot({ keys: {} }))).toMatchObject({
      status: 200,
      body: { status: 'ok', details: { keys: { status: 'up', holdsLease: false, mistakes: [] } } },
    });
  });

  it('is down while they cannot', async () => {
    const port = await freePort(); // where nothing listens
    const guard = KeyGuardModule.forRoot({
      keysUrl: `tcp://127.0.0.1:${port}`,
      verifyToken: 'a',
      tagSecrets: ['b'],
      revocations: 'none',
    });
    expect(await healthOf(guard)).toMatchObject({
      status: 503,
      body: { details: { keys: { status: 'down' } } },
    });
  });
});
