import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type CallHandler,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Injectable,
  type INestApplication,
  Module,
  type ModuleMetadata,
  type NestInterceptor,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import type { Observable } from 'rxjs';
import {
  AnyOf,
  AnyValidKey,
  Caller,
  Capabilities,
  GuardedBy,
  KeyGuard,
  KeyGuardModule,
  KeyVerifier,
  OptionalKey,
  type Principal,
  Public,
  callerOf,
} from '#libs/key-guard';
import {
  KeyGuardTestingModule,
  type KeyGuardTestingOptions,
  openTestEngine,
  principal,
} from '#libs/key-guard/testing';
import { type Answer, call } from '#libs/testing';

const keys = {
  reader: principal({ capabilities: ['invoices:read'], owner: { id: 'ada' } }),
  writer: principal({ capabilities: ['invoices:read', 'invoices:write'] }),
  visitor: principal(),
};

/** A guard of the application's own, for people. */
@Injectable()
class SessionGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return (
      context.switchToHttp().getRequest<{ headers: { cookie?: string } }>().headers.cookie === 'session=1'
    );
  }
}

@Injectable()
class AddOwner implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    http
      .getResponse<{ header(name: string, value: string): void }>()
      .header('x-owner', callerOf(http.getRequest()).owner.id);
    return next.handle();
  }
}

@Controller('invoices')
class InvoicesController {
  @Get()
  @Capabilities('invoices:read')
  @UseInterceptors(AddOwner)
  list(@Caller() { owner }: Principal) {
    return { of: owner.id };
  }

  @Get('all')
  @Capabilities('invoices:read', 'invoices:write')
  all() {
    return {};
  }

  @Get('any')
  @AnyOf('invoices:delete', 'invoices:write')
  any() {
    return {};
  }

  @Get('mine')
  @AnyValidKey()
  mine() {
    return {};
  }

  @Get('prices')
  @OptionalKey()
  prices(@Caller() caller?: Principal) {
    return { for: caller?.owner.id ?? 'nobody' };
  }

  @Get('page')
  @GuardedBy(SessionGuard)
  @UseGuards(SessionGuard)
  page() {
    return {};
  }

  @Get('about')
  @Public()
  about() {
    return {};
  }
}

/** A controller of somebody else's, which declares nothing. */
@Controller('metrics')
class MetricsController {
  @Get()
  metrics() {
    return { up: 1 };
  }
}

const apps: INestApplication[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

/** Starts an application with these test keys. */
async function start(
  metadata: ModuleMetadata,
  options: Partial<KeyGuardTestingOptions> = {},
  adapter: ExpressAdapter | FastifyAdapter = new ExpressAdapter(),
): Promise<string> {
  @Module({ ...metadata, imports: [KeyGuardTestingModule.forRoot({ keys, ...options })] })
  class AppModule {}
  const app = await NestFactory.create(AppModule, adapter, { logger: false, abortOnError: false });
  apps.push(app);
  await app.listen(0, '127.0.0.1');
  return app.getUrl();
}

async function statuses(url: string, path: string): Promise<Record<string, number>> {
  const status = async (key?: string): Promise<number> => (await call(`${url}${path}`, key)).status;
  return {
    none: await status(),
    forged: await status('forged'),
    visitor: await status('visitor'),
    reader: await status('reader'),
    writer: await status('writer'),
  };
}

describe.each([
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
])('routes of an application on %s', (_, adapter) => {
  it('open to whom they declare', async () => {
    const url = await start(
      { controllers: [InvoicesController, MetricsController] },
      { declare: [[MetricsController, Public()]] },
      adapter(),
    );
    const [none, forged] = [401, 401];
    expect(await statuses(url, '/invoices')).toEqual({
      none,
      forged,
      visitor: 403,
      reader: 200,
      writer: 200,
    });
    expect(await statuses(url, '/invoices/all')).toEqual({
      none,
      forged,
      visitor: 403,
      reader: 403,
      writer: 200,
    });
    expect(await statuses(url, '/invoices/any')).toEqual({
      none,
      forged,
      visitor: 403,
      reader: 403,
      writer: 200,
    });
    expect(await statuses(url, '/invoices/mine')).toEqual({
      none,
      forged,
      visitor: 200,
      reader: 200,
      writer: 200,
    });
    expect(await statuses(url, '/invoices/prices')).toMatchObject({ none: 200, forged: 401, visitor: 200 });
    expect(await statuses(url, '/invoices/page')).toMatchObject({ none: 403, writer: 403 });
    expect(await statuses(url, '/invoices/about')).toMatchObject({ none: 200, forged: 200 });
    expect(await statuses(url, '/metrics')).toMatchObject({ none: 200, forged: 200 });

    const read: Answer = await call(`${url}/invoices`, 'reader');
    expect(read.body).toEqual({ of: 'ada' });
    expect(read.headers.get('x-owner')).toBe('ada');
    expect(read.headers.get('cache-control')).toBe('no-store');
    expect((await call(`${url}/invoices/prices`)).body).toEqual({ for: 'nobody' });
    expect((await call(`${url}/invoices/prices`, 'reader')).body).toEqual({ for: 'ada' });
    const session = { headers: { cookie: 'session=1' } };
    expect((await call(`${url}/invoices/page`, undefined, session)).status).toBe(200);

    const { headers, body } = await call(`${url}/invoices/any`, 'reader');
    expect(body).toMatchObject({
      code: 'insufficient_scope',
      requiredAnyOf: ['invoices:delete', 'invoices:write'],
      granted: ['invoices:read'],
    });
    expect(headers.get('x-accepted-capabilities')).toBe('invoices:delete, invoices:write');
  });
});

describe('an application whose guard is not global', () => {
  @Controller('guarded')
  @UseGuards(KeyGuard)
  class GuardedController {
    @Get()
    @Capabilities('invoices:read')
    list() {
      return {};
    }
  }

  it('guards what KeyGuard is on, and leaves everything else alone', async () => {
    @Module({ controllers: [GuardedController] })
    class FeatureModule {}
    @Module({
      imports: [KeyGuardTestingModule.forRoot({ keys, global: false }), FeatureModule],
      controllers: [MetricsController],
    })
    class AppModule {}
    const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
    apps.push(app);
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    expect(await statuses(url, '/guarded')).toMatchObject({
      none: 401,
      forged: 401,
      visitor: 403,
      reader: 200,
    });
    expect(await statuses(url, '/metrics')).toMatchObject({ none: 200 });
  });

  it('does not start if a route declares a key that nothing asks for, and names it', async () => {
    await expect(start({ controllers: [InvoicesController] }, { global: false })).rejects.toThrow(
      'GET /invoices (InvoicesController.list) requires a key, but KeyGuard does not guard it: add @UseGuards(KeyGuard).',
    );
  });
});

describe('an application does not start, and says why,', () => {
  it('if a route is left to a guard that is not there', async () => {
    @Controller()
    class PageController {
      @Get('page')
      @GuardedBy(SessionGuard)
      page() {
        return {};
      }
    }
    const sentence =
      'GET /page (PageController.page) is declared @GuardedBy(SessionGuard), but SessionGuard does not guard it: add @UseGuards(SessionGuard).';
    await expect(start({ controllers: [PageController] })).rejects.toThrow(sentence);
    const providers = [{ provide: APP_GUARD, useClass: SessionGuard }];
    const url = await start({ controllers: [PageController], providers });
    expect((await call(`${url}/page`)).status).toBe(403);
  });

  it('if a declaration for another’s controller is for none of its own', async () => {
    await expect(
      start({ controllers: [InvoicesController] }, { declare: [[MetricsController, Public()]] }),
    ).rejects.toThrow('The option declare names MetricsController, which has no routes in this application.');
    await expect(start({}, { declare: [[MetricsController, Injectable()]] })).rejects.toThrow(
      'declare takes pairs of a controller and a declaration',
    );
  });

  it('if options are missing or wrong', async () => {
    @Module({
      imports: [
        KeyGuardModule.forRootAsync({
          useFactory: () => ({ keysUrl: '', verifyToken: 'a', tagSecrets: [], revocations: 'none' }),
        }),
      ],
    })
    class AppModule {}
    await expect(NestFactory.create(AppModule, { logger: false, abortOnError: false })).rejects.toThrow(
      'keysUrl must be the verification RPC of keys, such as tcp://keys:3002 or tls://keys:3002.\ntagSecrets must be a list with the KEY_TAG_SECRET of the keys service.',
    );
  });
});

describe('in tests,', () => {
  const real = KeyGuardModule.forRootAsync({
    useFactory: () => {
      throw new Error('the real options are not read');
    },
  });
  @Module({ imports: [real], controllers: [InvoicesController] })
  class AppModule {}

  it('the module can be replaced, keys change, and limits apply if wanted', async () => {
    const own = { ...keys };
    const test = KeyGuardTestingModule.forRoot({ keys: own, rateLimits: { perMinute: 2 } });
    const module = Test.createTestingModule({ imports: [AppModule] }).overrideModule(real);
    const app = (await module.useModule(test).compile()).createNestApplication({ logger: false });
    apps.push(app);
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    expect(await statuses(url, '/invoices')).toMatchObject({
      none: 401,
      forged: 401,
      visitor: 403,
      reader: 200,
    });
    Reflect.deleteProperty(own, 'reader');
    expect((await call(`${url}/invoices`, 'reader')).status).toBe(401);
    expect((await call(`${url}/invoices`, 'writer')).status).toBe(200);
    expect((await call(`${url}/invoices`, 'writer')).status).toBe(429);
  });

  it('the engine can be replaced, or the guard', async () => {
    @Module({
      imports: [
        KeyGuardModule.forRoot({ keysUrl: '', verifyToken: '', tagSecrets: [], revocations: 'none' }),
      ],
      controllers: [InvoicesController],
    })
    class WithoutSettingsModule {}
    const test = (): TestingModuleBuilder =>
      Test.createTestingModule({ imports: [WithoutSettingsModule] })
        .overrideProvider(KeyVerifier)
        .useFactory({ factory: () => openTestEngine({ keys }) });
    const listen = async (module: TestingModuleBuilder): Promise<string> => {
      const app = (await module.compile()).createNestApplication({ logger: false });
      apps.push(app);
      await app.listen(0, '127.0.0.1');
      return app.getUrl();
    };
    expect(await statuses(await listen(test()), '/invoices')).toMatchObject({
      none: 401,
      visitor: 403,
      reader: 200,
    });
    const open = await listen(
      test()
        .overrideProvider(KeyGuard)
        .useValue({ canActivate: () => true }),
    );
    expect((await call(`${open}/invoices/all`)).status).toBe(200);
  });

  it('a key that no request could present is refused', async () => {
    await expect(start({}, { keys: { 'a reader': principal() } })).rejects.toThrow(
      'the key "a reader" must be letters',
    );
    await expect(start({}, { keys: { reader: principal({ keyId: 'x' }) } })).rejects.toThrow(
      'must come from principal()',
    );
  });
});
