import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import reactHooks from 'eslint-plugin-react-hooks';
import redos from 'eslint-plugin-redos';
import tseslint from 'typescript-eslint';

export default defineConfig(
  { ignores: ['dist/', 'data/', 'node_modules/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // A Nest module is a class with nothing in it.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Settings are parsed once at start; see libs/settings.
      'no-restricted-properties': ['error', { object: 'process', property: 'env' }],
      'no-console': 'error',
      // Nest and class-validator type their options by classes that nobody constructs.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    },
  },
  {
    // A rejection that nobody handles would end a service, and all of its kind at once where the cause is the same.
    files: ['apps/*/src/**/*.ts', 'libs/**/*.ts', 'examples/**/*.ts'],
    ignores: ['**/*.spec.ts', 'libs/testing/**'],
    rules: { '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: false }] },
  },
  {
    // What strangers send is searched in time that grows with its length alone. A test's texts are its own.
    files: ['apps/**/*.{ts,tsx,js}', 'libs/**/*.ts', 'examples/**/*.ts'],
    ignores: ['**/*.spec.ts', 'libs/testing/**'],
    plugins: { redos },
    rules: {
      // By their automata, which prove it: the other checker guesses, and not always the same. What that cannot judge, such
      // as a look-ahead, is refused. Judging takes milliseconds; a busy machine must not be what fails.
      'redos/no-vulnerable': [
        'error',
        { checker: 'automaton', timeout: 60_000, ignoreErrors: false, cache: true },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: ':matches(NewExpression, CallExpression)[callee.name="RegExp"]',
          message: 'Write the regular expression as a literal: redos/no-vulnerable can judge no other.',
        },
      ],
    },
  },
  // The dashboard's page.
  {
    files: ['apps/dashboard/web/**/*.tsx', 'apps/dashboard/web/**/*.ts'],
    ...reactHooks.configs.flat.recommended,
  },
  {
    files: ['apps/dashboard/web/public/*.js'],
    languageOptions: { globals: { document: 'readonly', localStorage: 'readonly', matchMedia: 'readonly' } },
  },
  // Plain JavaScript, since the compiler does not know what it imports: see bench/servers/better-auth.ts.
  { files: ['bench/peers/*.js'], languageOptions: { globals: { process: 'readonly' } } },
  {
    // Whether a key is alive, PostgreSQL's clock decides, and time is counted on monotonic clocks: those of machines need
    // not agree.
    files: [
      'apps/{gateway,keys}/src/**/*.ts',
      'libs/{clock,key-guard,key-verifier,keys-client,revocations}/src/**/*.ts',
    ],
    // When a job of a client's runs is no question of keys.
    ignores: ['**/*.spec.ts', 'apps/gateway/src/schedules/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env' },
        { object: 'Date', property: 'now', message: 'Ask PostgreSQL, or count on a monotonic clock.' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'Ask PostgreSQL, or count on a monotonic clock.',
        },
      ],
    },
  },
  {
    files: ['apps/*/src/**/main.ts', 'examples/*/*/main.ts', 'bench/**/*.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    // jest's matchers are typed loosely, and the tests are the one place that hands wrong things in on purpose.
    files: ['**/*.spec.ts', 'test/**/*.ts', 'libs/testing/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
      'no-restricted-properties': 'off',
      'no-console': 'off',
    },
  },
);
