import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeInReadme } from '../guard/another-project.js';
import type { ForeignProjectOptions } from './foreign-project.js';

const ROOT = join(import.meta.dirname, '../../..');

const ADOPTING = readFileSync(join(ROOT, 'docs/adopting.md'), 'utf8');

/** The code blocks of docs/adopting.md, by the names of their files. */
export const ADOPTED: Readonly<Record<string, string>> = Object.fromEntries(
  [...ADOPTING.matchAll(/^```\w+ (\S+)\n([^]*?)^```$/gm)].map(([, name = '', code = '']) => [name, code]),
);

/** The block of TypeScript in a library's README. */
function exampleOf(library: string): string {
  const readme = readFileSync(join(ROOT, 'libs', library, 'README.md'), 'utf8');
  return /^```ts\n([^]*?)^```$/m.exec(readme)?.[1] ?? '';
}

/** Those blocks, in files of the same names. */
function adopted(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, ADOPTED[name] ?? '']));
}

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
    ...adopted('src/app.module.ts', 'src/app.spec.ts', 'src/both-kinds.guard.ts', 'src/moving.module.ts'),
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
    'src/main.ts': `
      import { NestFactory } from '@nestjs/core';
      import { AppModule } from './app.module';
      async function bootstrap() {
        const app = await NestFactory.create(AppModule);
        app.enableShutdownHooks();
        await app.listen(process.env.PORT ?? 3000);
      }
      void bootstrap();`,
    'src/with-test-engine.ts': `
      import { Test } from '@nestjs/testing';
      import { KeyVerifier } from '@lebureau/key-guard';
      import { AppModule } from './app.module';
      ${exampleOf('key-guard')}`,
    'src/misspelled.ts': `
      import { Capabilities } from '@lebureau/key-guard';
      // @ts-expect-error -- it is no capability of this application
      export const misspelled = Capabilities('invoices:raed');`,
    'src/moving.spec.ts': `
      import { Test } from '@nestjs/testing';
      import { KeyVerifier } from '@lebureau/key-guard';
      import { openTestEngine, principal } from '@lebureau/key-guard/testing';
      import { SignedIdentityModule } from '@lebureau/signed-identity/nest';
      import { movingModule } from './moving.module';

      it('accepts the old kind of key, both, or ours', async () => {
        const keys = { sk_live_reader: principal({ capabilities: ['invoices:read'] }) };
        const options = {
          keysUrl: 'tcp://127.0.0.1:1', verifyToken: 'x'.repeat(32), tagSecrets: ['y'.repeat(32)], revocations: 'none' as const,
        };
        const module = await Test.createTestingModule({ imports: [movingModule(options)] })
          .overrideProvider(KeyVerifier)
          .useFactory({ factory: () => openTestEngine({ keys }) })
          .compile();
        const app = module.createNestApplication();
        await app.listen(0);
        const statuses = async (path: string) => Promise.all(
          ['the-old-key', 'sk_live_reader', 'sk_live_other', 'another'].map(async (key) => {
            const headers = { authorization: 'Bearer ' + key };
            return (await fetch(await app.getUrl() + '/moving/' + path, { headers })).status;
          }),
        );
        expect(await statuses('old')).toEqual([200, 403, 403, 403]);
        expect(await statuses('both')).toEqual([200, 200, 401, 403]);
        expect(await statuses('new')).toEqual([401, 200, 401, 401]);
        await app.close();
      });

      it('can load the signed identity beside it', () => {
        expect(SignedIdentityModule.register({ jwks: { keys: [] }, audience: 'invoices' })).toBeDefined();
      });`,
  },
};

/** Express 5 without Nest. */
export const PLAIN_EXPRESS: ForeignProjectOptions = {
  framework: ['express@5', '@types/express@5', FOR_NODE],
  packages: ['key-verifier', 'signed-identity', 'keys-client'],
  manifest: { type: 'module' },
  files: {
    ...adopted('express.ts'),
    'tsconfig.json': JSON.stringify({ compilerOptions: STRICT, include: ['*.ts'] }),
    'manage.ts': exampleOf('keys-client'),
    'with-verifier.ts': `
      import express from 'express';
      const app = express();
      declare const keysUrl: string, verifyToken: string, tagSecret: string, redisUrl: string;
      ${exampleOf('key-verifier')}`,
    'behind.ts': `
      import { once } from 'node:events';
      import express from 'express';
      import { requireIdentity } from '@lebureau/signed-identity/express';

      const app = express();
      app.use(requireIdentity({ jwks: { keys: [] }, audience: 'invoices' }), (_, res) => void res.json({}));
      const server = app.listen(0);
      await once(server, 'listening');
      const address = server.address();
      console.log((await fetch('http://localhost:' + (address instanceof Object ? address.port : 0))).status);
      server.close();`,
  },
};

/** Fastify 5 without Nest. */
export const PLAIN_FASTIFY: ForeignProjectOptions = {
  framework: ['fastify@5', FOR_NODE],
  packages: ['key-verifier'],
  manifest: { type: 'module' },
  files: {
    ...adopted('fastify.ts'),
    'tsconfig.json': JSON.stringify({ compilerOptions: STRICT, include: ['*.ts'] }),
  },
};

/** Where somebody has installed the MCP server for an agent. */
export const AN_AGENT: ForeignProjectOptions = {
  framework: [],
  packages: ['mcp'],
  manifest: {},
  files: {},
};
