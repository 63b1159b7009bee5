/**
 * @typedef {object} Package
 * @property {string} folder What it is made of, a library or a program: its README and its modules.
 * @property {string} description
 * @property {Readonly<Record<string, string>>} [entries] For each sub-path, its module, below the `src` of the folder.
 * @property {Readonly<Record<string, string>>} [bin] For each command, its module.
 * @property {readonly string[]} dependencies What it brings along, in the versions of this repository.
 * @property {Readonly<Record<string, string>>} peers What the application has: names and versions.
 * @property {readonly string[]} [optional] The peers that only some sub-paths or options need.
 */

const NEST = '^11.0.0 || ^12.0.0';

/** What teams install to use this for their own API, by name. All have the version of this repository. */
export const PACKAGES = {
  '@lebureau/keys-client': {
    folder: 'libs/keys-client',
    description: 'Issue, list, rotate and revoke API keys of a keys service',
    entries: { '.': 'package.js' },
    dependencies: ['zod'],
    peers: { undici: '^7.0.0' },
    optional: ['undici'],
  },
  '@lebureau/signed-identity': {
    folder: 'libs/signed-identity',
    description: 'Check who calls, as the gateway of the API keys says it in a signed assertion',
    entries: { '.': 'index.js', './nest': 'nest/index.js', './express': 'express/index.js' },
    dependencies: [],
    peers: { '@nestjs/common': NEST, '@nestjs/core': NEST, 'reflect-metadata': '^0.2.0', rxjs: '^7.8.0' },
    optional: ['@nestjs/common', '@nestjs/core', 'reflect-metadata', 'rxjs'],
  },
  '@lebureau/key-verifier': {
    folder: 'libs/key-verifier',
    description:
      'Protect an API with API keys: verified once, cached, and refused once a revoke has returned',
    entries: {
      '.': 'index.js',
      './express': 'express/index.js',
      './fastify': 'fastify/index.js',
      './testing': 'testing/index.js',
    },
    dependencies: ['ioredis', 'lru-cache', 'zod'],
    peers: {},
  },
  '@lebureau/key-guard': {
    folder: 'libs/key-guard',
    description:
      'Protect a Nest application with API keys: a guard, and decorators for what each route requires',
    entries: {
      '.': 'index.js',
      './testing': 'testing/index.js',
      './swagger': 'swagger/index.js',
      './terminus': 'terminus/index.js',
    },
    dependencies: ['ioredis', 'lru-cache', 'zod'],
    peers: {
      '@nestjs/common': NEST,
      '@nestjs/core': NEST,
      '@nestjs/swagger': NEST,
      '@nestjs/terminus': '^11.0.0 || ^12.0.0',
      'reflect-metadata': '^0.2.0',
      rxjs: '^7.8.0',
    },
    optional: ['@nestjs/swagger', '@nestjs/terminus'],
  },
  '@lebureau/mcp': {
    folder: 'apps/mcp',
    description: 'The MCP server of the API: an agent gets the tools that its API key allows',
    bin: { 'lb-mcp': 'main.js' },
    dependencies: ['@modelcontextprotocol/server', 'undici', 'zod'],
    peers: {},
  },
};
