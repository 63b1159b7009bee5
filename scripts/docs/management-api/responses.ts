import type { OpenAPIObject } from '@nestjs/swagger';
import { COMMON_CODES, problemSchema } from '#libs/problems';
import { KeysProblem } from '../../../apps/keys/src/management-api/keys-problem.js';

type Components = NonNullable<OpenAPIObject['components']>;
type Responses = NonNullable<Components['responses']>;

const KINDS = { ...COMMON_CODES, ...KeysProblem.codes };
type Code = keyof typeof KINDS;

const text = { type: 'string' } as const;

/** The headers of answers, except those that HTTP itself defines for every server. */
export const HEADERS = {
  'X-Request-Id': {
    description: 'Identifies the request in logs. Quote it when you report a problem.',
    required: true,
    schema: text,
  },
  'Retry-After': {
    description: 'How many seconds to wait before retrying.',
    schema: { ...text, pattern: '^[1-9][0-9]*$' },
  },
  'WWW-Authenticate': {
    description: 'The challenge of RFC 6750 section 3, if the token is the problem.',
    schema: { ...text, pattern: '^Bearer realm=' },
  },
} as const satisfies Components['headers'];

export const PROBLEM_SCHEMA = problemSchema(Object.keys(KINDS), {
  key: { $ref: '#/components/schemas/Key', description: 'With already_issued: the key that is there.' },
});

/** What any route may say no with, and what those that take a body may. */
const OF_EVERY_ROUTE: readonly Code[] = [
  'invalid_request',
  'credentials_missing',
  'invalid_token',
  'internal_error',
  'unavailable',
];
const OF_BODIES: readonly Code[] = ['request_timeout', 'body_too_large', 'unsupported_media_type'];

/** The problems of routes, as components that operations refer to. */
export class ProblemResponses {
  readonly components: Responses = {};

  /** The problems of a route by status: `codes`, and those that every route has. */
  of(codes: readonly Code[], takesBody: boolean): Record<string, { $ref: string }> {
    const all = [...OF_EVERY_ROUTE, ...(takesBody ? OF_BODIES : []), ...codes];
    const statuses = [...new Set(all.map((code) => KINDS[code].status))].sort((a, b) => a - b);
    return Object.fromEntries(
      statuses.map((status) => [status, this.#refTo(all.filter((code) => KINDS[code].status === status))]),
    );
  }

  #refTo(codes: readonly Code[]): { $ref: string } {
    const name = codes.map(inPascalCase).join('Or');
    this.components[name] ??= responseOf(codes);
    return { $ref: `#/components/responses/${name}` };
  }
}

/** References to {@link HEADERS}. */
export function headersOf(names: readonly (keyof typeof HEADERS)[]): Record<string, { $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

function responseOf(codes: readonly Code[]): Responses[string] {
  const [{ status }] = [KINDS[codes[0] ?? 'internal_error']];
  const isAboutToken = status === 400 || status === 401;
  return {
    description: codes.map((code) => `\`${code}\`: ${KINDS[code].title}.`).join('\n'),
    headers: headersOf([
      'X-Request-Id',
      ...(isAboutToken ? (['WWW-Authenticate'] as const) : []),
      ...(status === 503 ? (['Retry-After'] as const) : []),
    ]),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [
            { $ref: '#/components/schemas/Problem' },
            { type: 'object', properties: { code: { ...text, enum: [...codes] } } },
          ],
        },
      },
    },
  };
}

/** `already_issued` → `AlreadyIssued` */
function inPascalCase(code: string): string {
  return code
    .split('_')
    .map((word) => `${word[0]?.toUpperCase() ?? ''}${word.slice(1)}`)
    .join('');
}
