import fc from 'fast-check';
import type { Operation } from './document.js';
import { type Known, rightValue, wrongValues } from './values.js';

/** A request that matches the document, or violates it in one place. */
export interface GeneratedRequest {
  /** As sent, encoded. */
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly contentType?: string;
  readonly body?: string;
  readonly key: 'with all capabilities' | 'with another capability' | 'forged' | 'none';
}

/** A way to violate the document, and the expected status. */
export interface Mistake {
  readonly what: string;
  readonly status: number;
  readonly requests: fc.Arbitrary<GeneratedRequest>;
}

/** Requests that match the document. `known` is what it cannot say, such as which desktops exist. */
export function rightRequests(operation: Operation, known: Known): fc.Arbitrary<GeneratedRequest> {
  const { template, parameters, body } = operation;
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const inQuery = parameters.filter((parameter) => parameter.in === 'query' && parameter.name !== 'cursor');
  return fc
    .record({
      path: fc.record(
        Object.fromEntries(inPath.map(({ name }) => [name, known(operation, name) ?? NOTHING])),
      ),
      query: fc.record(Object.fromEntries(inQuery.map(({ name, schema }) => [name, rightValue(schema)])), {
        requiredKeys: inQuery.filter(({ required }) => required).map(({ name }) => name),
      }),
      body: body === undefined ? fc.constant(undefined) : rightBodies(operation, body, known),
    })
    .map(({ path, query, body: fields }) => ({
      path: template.replace(/\{(\w+)\}/g, (_, name: string) => encodePath(String(path[name]))),
      query: Object.entries(query).map(([name, value]) => [name, String(value)] as const),
      ...(fields !== undefined && { contentType: 'application/json', body: JSON.stringify(fields) }),
      key: 'with all capabilities' as const,
    }));
}

const NOTHING = fc.constant('');

function rightBodies(
  operation: Operation,
  { schema }: NonNullable<Operation['body']>,
  known: Known,
): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(
    Object.fromEntries(
      Object.entries(schema.properties).map(([name, field]) => [
        name,
        known(operation, name) ?? rightValue(field),
      ]),
    ),
    { requiredKeys: schema.required },
  );
}

/** Every way to violate the document for an operation, each in requests that are otherwise valid. */
export function mistakes(operation: Operation, known: Known): Mistake[] {
  const right = rightRequests(operation, known);
  const but = (what: string, status: number, change: Partial<GeneratedRequest>): Mistake => ({
    what,
    status,
    requests: right.map((request) => ({ ...request, ...change })),
  });
  return [
    but('no key', 401, { key: 'none' }),
    but('a forged key', 401, { key: 'forged' }),
    ...(operation.needs.length > 0
      ? [but('a key without the capability', 403, { key: 'with another capability' })]
      : []),
    ...mistakesInPath(operation, right),
    ...mistakesInQuery(operation, right),
    ...(operation.method === 'GET'
      ? []
      : [
          but('another type of body', 415, { contentType: 'text/plain', body: 'hello' }),
          but('no JSON', 400, { contentType: 'application/json', body: '{"' }),
          but('a body too large', 413, {
            contentType: 'application/json',
            body: `{"x":"${'x'.repeat(1024 * 1024)}"}`,
          }),
          ...['[]', 'null', '"x"', '1'].map((body) =>
            but(`${body} as body`, 400, { contentType: 'application/json', body }),
          ),
          but('a field that there is not', 400, { contentType: 'application/json', body: '{"unheardOf":1}' }),
        ]),
    ...mistakesInBody(operation, known, right),
  ];
}

function mistakesInPath(
  { template, parameters }: Operation,
  right: fc.Arbitrary<GeneratedRequest>,
): Mistake[] {
  const [parameter] = parameters.filter((each) => each.in === 'path');
  if (parameter === undefined) return [];
  const isPath = parameter.name === 'path';
  const wrong = isPath
    ? ['..', '%2e%2e', 'a/%2e%2e/b', 'a//b', 'a%5Cb', 'a%00b', 'a%252fb', 'x'.repeat(501)]
    : ['a.b', '%2e%2e', '-a', 'a%2Fb', 'a%00', '%C3%A9', '%20', 'x'.repeat(65)];
  return wrong.map((value) => ({
    what: `${value.slice(0, 20)} for {${parameter.name}}`,
    status: 400,
    requests: right.map((request) => ({ ...request, path: template.replace(`{${parameter.name}}`, value) })),
  }));
}

function mistakesInQuery({ id, parameters }: Operation, right: fc.Arbitrary<GeneratedRequest>): Mistake[] {
  // Routes that the gateway answers itself take no query, and ignore it.
  if (id === 'me_me') return [];
  const unknown: Mistake = {
    what: 'a query parameter that there is not',
    status: 400,
    requests: right.map((request) => ({ ...request, query: [...request.query, ['unheardOf', '1']] })),
  };
  const wrong = parameters
    .filter((parameter) => parameter.in === 'query')
    .flatMap(({ name, schema, required }): Mistake[] => {
      const without = (request: GeneratedRequest): GeneratedRequest['query'] =>
        request.query.filter(([other]) => other !== name);
      const inQuery = (what: string, values: fc.Arbitrary<readonly string[]>): Mistake => ({
        what: `${what} for ?${name}`,
        status: 400,
        requests: fc.tuple(right, values).map(([request, given]) => ({
          ...request,
          query: [...without(request), ...given.map((value) => [name, value] as const)],
        })),
      });
      return [
        ...wrongValues(schema)
          .filter(({ isText }) => isText)
          .map(({ what, values }) =>
            inQuery(
              what,
              values.map((value) => [String(value)]),
            ),
          ),
        inQuery('two values', fc.constant(['1', '2'])),
        ...(required ? [inQuery('nothing', fc.constant([]))] : []),
      ];
    });
  return [unknown, ...wrong];
}

function mistakesInBody(
  operation: Operation,
  known: Known,
  right: fc.Arbitrary<GeneratedRequest>,
): Mistake[] {
  const { body } = operation;
  if (body === undefined) return [];
  const bodies = rightBodies(operation, body, known);
  const inBody = (what: string, broken: fc.Arbitrary<Record<string, unknown>>): Mistake => ({
    what,
    status: 400,
    requests: fc
      .tuple(right, broken)
      .map(([request, fields]) => ({ ...request, body: JSON.stringify(fields) })),
  });
  const { properties, required } = body.schema;
  return [
    ...required.map((name) =>
      inBody(
        `no ${name}`,
        bodies.map((fields) =>
          Object.fromEntries(Object.entries(fields).filter(([field]) => field !== name)),
        ),
      ),
    ),
    ...Object.entries(properties).flatMap(([name, field]) =>
      wrongValues(field).map(({ what, values }) =>
        inBody(
          `${what} for ${name}`,
          fc.tuple(bodies, values).map(([fields, value]) => ({ ...fields, [name]: value })),
        ),
      ),
    ),
    inBody(
      'a field too many',
      bodies.map((fields) => ({ ...fields, unheardOf: true })),
    ),
  ];
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
