/**
 * @typedef {object} Package
 * @property {string} library The library that it is made of, in `libs`: its README and its modules.
 * @property {string} description
 * @property {Readonly<Record<string, string>>} entries For each sub-path, its module, below the `src` of the library.
 * @property {readonly string[]} dependencies What it brings along, in the versions of this repository.
 * @property {Readonly<Record<string, string>>} peers What the application has: names and versions.
 * @property {readonly string[]} [optional] The peers that only some sub-paths or options need.
 */

const NEST = '^11.0.0 || ^12.0.0';

/** What teams install to use this for their own API, by name. All have the version of this repository. */
export const PACKAGES = {
  '@lebureau/keys-client': {
    library: 'keys-client',
    description: 'Issue, list, rotate and revoke API keys of a keys service',
    entries: { '.': 'package.js' },
    dependencies: ['zod'],
    peers: { undici: '^7.0.0' },
    optional: ['undici'],
  },
  '@lebureau/signed-identity': {
    library: 'signed-identity',
    description: 'Check who calls, as the gateway of the API keys says it in a signed assertion',
    entries: { '.': 'index.js', './nest': 'nest/index.js', './express': 'express/index.js' },
    dependencies: [],
    peers: { '@nestjs/common': NEST, '@nestjs/core': NEST, 'reflect-metadata': '^0.2.0', rxjs: '^7.8.0' },
    optional: ['@nestjs/common', '@nestjs/core', 'reflect-metadata', 'rxjs'],
  },
  '@lebureau/key-verifier': {
    library: 'key-verifier',
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
    library: 'key-guard',
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
};
