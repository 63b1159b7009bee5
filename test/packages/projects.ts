import { codeInReadme } from '../guard/another-project.js';
import type { ForeignProjectOptions } from './foreign-project.js';

const STRICT = {
  target: 'es2023',
  module: 'nodenext',
  strict: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  skipLibCheck: false,
  types: ['node'],
};

const FOR_NODE = '@types/node@20';

function nest(version: number, ...more: readonly string[]): readonly string[] {
  const packages = ['common', 'core', 'platform-express'].map((name) => `@nestjs/${name}@${version}`);
  return [...packages, 'rxjs@7', 'reflect-metadata@0.2', FOR_NODE, ...more];
}

/** Nest 12 on Express: the code of the README, as it stands there. */
export const NEST_12_ON_EXPRESS: ForeignProjectOptions = {
  framework: nest(12),
  packages: ['key-guard'],
  manifest: { type: 'module' },
  files: {
    'main.ts': codeInReadme('key-guard', '@lebureau'),
    'tsconfig.json': JSON.stringify({ compilerOptions: STRICT, include: ['main.ts'] }),
  },
};

/** The same on Fastify. */
export const NEST_12_ON_FASTIFY: ForeignProjectOptions = {
  ...NEST_12_ON_EXPRESS,
  framework: nest(12, '@nestjs/platform-fastify@12'),
  files: {
    ...NEST_12_ON_EXPRESS.files,
    'main.ts': `import { FastifyAdapter } from '@nestjs/platform-fastify';
      ${codeInReadme('key-guard', '@lebureau').replace('create(AppModule)', 'create(AppModule, new FastifyAdapter())')}`,
  },
};

/** What the command line of Nest 11 generates: CommonJS, tested by ts-jest. */
export const NEST_11_TEMPLATE: ForeignProjectOptions = {
  framework: [...nest(11, '@nestjs/testing@11', 'jest@30', 'ts-jest@29', '@types/jest@30', 'typescript@5')],
  packages: ['key-guard', 'signed-identity'],
  manifest: {
    jest: {
      moduleFileExtensions: ['js', 'json', 'ts'],
      rootDir: 'src',
      testRegex: '.*\\.spec\\.ts$',
      transform: { '^.+\\.(t|j)s$': 'ts-jest' },
      testEnvironment: 'node',
    },
  },
  files: {
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        module: 'nodenext',
        moduleResolution: 'nodenext',
        resolvePackageJsonExports: true,
        esModuleInterop: true,
        isolatedModules: true,
        emitDecoratorMetadata: true,
        experimentalDecorators: true,
        target: 'ES2023',
        outDir: './dist',
        rootDir: './src',
        strict: true,
        skipLibCheck: true,
      },
      include: ['src'],
    }),
    'src/app.module.ts': `
      import { Controller, Get, Module } from '@nestjs/common';
      import { Caller, Capabilities, KeyGuardModule, type Principal } from '@lebureau/key-guard';

      declare module '@lebureau/key-guard' {
        interface Register { capability: 'kb:read' | 'kb:write' }
      }

      @Controller('reports')
      export class ReportsController {
        @Get() @Capabilities('kb:read') list(@Caller() { owner }: Principal) { return { reports: [], of: owner.email }; }
      }
      const { KEYS_VERIFY_URL = '', KEYS_VERIFY_TOKEN = '', KEY_TAG_SECRET = '', REDIS_URL = '' } = process.env;
      @Module({
        imports: [
          KeyGuardModule.forRootAsync({
            useFactory: () => ({
              keysUrl: KEYS_VERIFY_URL, verifyToken: KEYS_VERIFY_TOKEN, tagSecrets: [KEY_TAG_SECRET],
              revocations: { redisUrl: REDIS_URL },
            }),
          }),
        ],
        controllers: [ReportsController],
      })
      export class AppModule {}`,
    'src/main.ts': `
      import { NestFactory } from '@nestjs/core';
      import { AppModule } from './app.module';
      async function bootstrap() {
        const app = await NestFactory.create(AppModule);
        app.enableShutdownHooks();
        await app.listen(process.env.PORT ?? 3000);
      }
      void bootstrap();`,
    'src/misspelled.ts': `
      import { Capabilities } from '@lebureau/key-guard';
      // @ts-expect-error -- it is no capability of this application
      export const misspelled = Capabilities('kb:raed');`,
    'src/app.spec.ts': `
      import { Test } from '@nestjs/testing';
      import { SignedIdentityModule } from '@lebureau/signed-identity/nest';
      import { KeyVerifier } from '@lebureau/key-guard';
      import { openTestEngine, principal } from '@lebureau/key-guard/testing';
      import { AppModule } from './app.module';

      it('lets a reader read, and nobody else', async () => {
        const keys = { reader: principal({ capabilities: ['kb:read'] }), other: principal({ capabilities: [] }) };
        const module = await Test.createTestingModule({ imports: [AppModule] })
          .overrideProvider(KeyVerifier)
          .useFactory({ factory: () => openTestEngine({ keys }) })
          .compile();
        const app = module.createNestApplication();
        await app.listen(0);
        const status = async (key: string) =>
          (await fetch(await app.getUrl() + '/reports', { headers: { authorization: 'Bearer ' + key } })).status;
        expect([await status('reader'), await status('other'), await status('nobody')]).toEqual([200, 403, 401]);
        await app.close();
        expect(SignedIdentityModule.register({ jwks: { keys: [] }, audience: 'reports' })).toBeDefined();
      });`,
  },
};

const VERIFIER = `
  import { callerOf, createVerifier } from '@lebureau/key-verifier';
  const { KEYS_VERIFY_URL: keysUrl = '', KEYS_VERIFY_TOKEN: verifyToken = '', KEY_TAG_SECRET = '', REDIS_URL: redisUrl = '' } =
    process.env;
  const verifier = await createVerifier({ keysUrl, verifyToken, tagSecrets: [KEY_TAG_SECRET], revocations: { redisUrl } });
  const port = Number(process.env.PORT);`;

export const PLAIN_EXPRESS: ForeignProjectOptions = {
  framework: ['express@5', '@types/express@5', FOR_NODE],
  packages: ['key-verifier', 'signed-identity', 'keys-client'],
  manifest: { type: 'module' },
  files: {
    'tsconfig.json': JSON.stringify({ compilerOptions: STRICT, include: ['main.ts'] }),
    'main.ts': `
      import express from 'express';
      import { requireKey } from '@lebureau/key-verifier/express';
      import { requireIdentity } from '@lebureau/signed-identity/express';
      import { ManageClient } from '@lebureau/keys-client';
      ${VERIFIER}
      const app = express();
      app.get('/reports', requireKey(verifier, { capabilities: ['kb:read'] }), (req, res) => {
        res.json({ reports: [], of: callerOf(req).owner.email });
      });
      app.use('/internal', requireIdentity({ jwks: { keys: [] }, audience: 'reports' }), (_, res) => void res.json({}));
      app.get('/mine', async (_, res) => {
        const { MANAGE_URL = '', MANAGE_TOKEN = '' } = process.env;
        const client = new ManageClient({ url: MANAGE_URL, credential: MANAGE_TOKEN });
        res.json({ keys: (await client.list('ada')).keys.length });
      });
      const server = app.listen(port, () => console.log('it listens'));
      process.once('SIGTERM', () => server.close(() => void verifier.close()));`,
  },
};

export const PLAIN_FASTIFY: ForeignProjectOptions = {
  framework: ['fastify@5', FOR_NODE],
  packages: ['key-verifier'],
  manifest: { type: 'module' },
  files: {
    'tsconfig.json': JSON.stringify({ compilerOptions: STRICT, include: ['main.ts'] }),
    'main.ts': `
      import { fastify } from 'fastify';
      import { requireKey } from '@lebureau/key-verifier/fastify';
      ${VERIFIER}
      const app = fastify();
      app.get('/reports', { ...requireKey(verifier, { capabilities: ['kb:read'] }) }, (req) => ({
        reports: [], of: callerOf(req).owner.email,
      }));
      await app.listen({ port });
      console.log('it listens');
      process.once('SIGTERM', () => void app.close().then(() => verifier.close()));`,
  },
};
