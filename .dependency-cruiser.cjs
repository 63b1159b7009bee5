/** The rules of docs/architecture.md on what may import what. Checked by `npm run lint`. */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'libraries-know-no-app',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^(apps|examples|bench|scripts)/' },
    },
    {
      name: 'apps-know-no-other-app',
      comment: 'Only apps/standalone, which runs the others in one process, and tests.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: '^apps/standalone/|\\.spec\\.ts$' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'pure-libraries-are-pure',
      comment: 'Neither Nest nor input or output: they run in a browser, or under the clock of a simulation.',
      severity: 'error',
      from: {
        path: '^libs/(key-format|catalogue|clock)/src/|^libs/revocations/src/(follower|outbox|publisher|sight|timings|revocation-log|in-process-log|identity-record)\\.ts$',
        // The built-in catalogue is a file.
        pathNot: '\\.spec\\.ts$|^libs/catalogue/src/le-bureau\\.ts$',
      },
      to: {
        path: '^(@nestjs/|ioredis|pg|undici|typeorm|(node:)?(fs|net|http|https|tls|dns|child_process)$)|node_modules/(@nestjs|ioredis|pg|undici|typeorm)/|^libs/(redis|postgres|service|problems)/',
      },
    },
    {
      name: 'the-engine-knows-no-framework',
      comment: 'Express and Fastify applications use it without Nest, and so without its size.',
      severity: 'error',
      from: { path: '^libs/(key-verifier|keys-client)/src/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^@nestjs/|node_modules/(@nestjs|rxjs)/', reachable: true },
    },
    {
      name: 'contracts-import-nothing-else',
      comment: "The dashboard's page imports them, so they must stay small and run in a browser.",
      severity: 'error',
      from: {
        path: '^libs/(keys-contract|client-configuration)/src/|^apps/dashboard/src/contract\\.ts$',
        pathNot: '\\.spec\\.ts$',
      },
      to: { pathNot: '^libs/(keys-contract|client-configuration)/src/|(^|/)node_modules/zod/mini/' },
    },
    {
      name: 'operations-know-no-http',
      comment: 'An operation returns its outcome as a value; controllers turn that into HTTP.',
      severity: 'error',
      from: {
        path: '^apps/keys/src/(keys|owners|lifetimes|revocation|activity|secrets)/',
        pathNot: '\\.spec\\.ts$',
      },
      to: {
        path: '^libs/(problems|service)/|^apps/keys/src/(management-api|verification-rpc)/|node_modules/(@nestjs/platform-fastify|fastify)/',
      },
    },
    {
      name: 'tests-are-imported-by-tests-only',
      severity: 'error',
      from: { path: '^(apps|libs|examples)/', pathNot: '\\.spec\\.ts$|^libs/testing/' },
      to: { path: '\\.spec\\.ts$|^test/|^libs/testing/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.imports.json' },
    doNotFollow: { path: '^(node_modules|dist)/' },
    exclude: { path: '^(dist|apps/dashboard/web)/' },
    enhancedResolveOptions: {
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js'],
    },
  },
};
