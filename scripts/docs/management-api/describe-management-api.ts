import { join } from 'node:path';
import type { INestApplication } from '@nestjs/common';
import { ApiProperty, DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { describedFields } from '#libs/fields';
import { IDEMPOTENCY_KEY_SHAPE } from '../../../apps/keys/src/management-api/fields.js';
import { answerSchema, answerSchemas } from './answer-schemas.js';
import { type DescribedRoute, describedRoutes } from './described-routes.js';
import { DocComments } from './doc-comments.js';
import { HEADERS, PROBLEM_SCHEMA, ProblemResponses, headersOf } from './responses.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Parameter = NonNullable<Operation['parameters']>[number];
type Schema = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string];

const INTRODUCTION = `For operators, and for backends of dashboards. Every request needs the service token \`KEYS_MANAGE_TOKEN\`, as \`Authorization: Bearer ...\`. No API key opens this API.

Lists have pages: send the \`nextCursor\` of a page as \`cursor\` for the next one, until it is null.

Errors are \`application/problem+json\` (RFC 9457), with a \`code\` that programs may rely on. Answers may get more fields, and fields more words: ignore those that you do not know.`;

const TAGS = {
  owners: 'Whom keys belong to.',
  keys: 'Creating, listing and ending keys.',
  webhooks: 'Events that are sent to you.',
  audit: 'What happened to owners, keys and webhooks.',
  openapi: 'This document.',
};

const REQUEST_HEADERS: Readonly<Record<string, object>> = {
  'idempotency-key': {
    name: 'Idempotency-Key',
    required: false,
    description: 'Makes a repeated request create only one key.',
    schema: { type: 'string', pattern: IDEMPOTENCY_KEY_SHAPE.source },
  },
};

const root = join(import.meta.dirname, '../../../..');

/** What is written in these files is not written again. */
const comments = new DocComments(
  [
    'libs/keys-contract/src/management-answers.ts',
    'libs/keys-contract/src/management-requests.ts',
    'libs/keys-contract/src/webhooks.ts',
    'apps/keys/src/management-api/requests.ts',
    'apps/keys/src/management-api/webhook-requests.ts',
  ].map((path) => join(root, path)),
);

/**
 * The management API as an OpenAPI 3.1 document: parameters and bodies by the classes that validate them, answers by the
 * schemas of libs/keys-contract. Throws if a route has no `@ApiRoute`.
 */
export function describeManagementApi(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Keys: the management API')
    .setDescription(INTRODUCTION)
    .setVersion('1')
    .setLicense('MIT', 'https://spdx.org/licenses/MIT.html')
    .addServer('/')
    .addSecurity('token', { type: 'http', scheme: 'bearer', description: 'KEYS_MANAGE_TOKEN' });
  for (const [name, description] of Object.entries(TAGS)) builder.addTag(name, description);
  for (const { target, property, schema } of describedFields()) ApiProperty(schema)(target, property);
  const document = SwaggerModule.createDocument(app, builder.build(), {
    operationIdFactory: (controller, method) => `${controller}.${method}`,
  });

  const [routes, problems] = [describedRoutes(app), new ProblemResponses()];
  for (const { get, put, post, patch, delete: remove } of Object.values(document.paths))
    for (const operation of [get, put, post, patch, remove])
      if (operation !== undefined) complete(operation, routes, problems);
  const bodies = Object.entries(document.components?.schemas ?? {});
  const schemas = {
    ...Object.fromEntries(bodies.map(([name, body]) => [name, describedBody(name, body)])),
    ...answerSchemas(comments),
    Problem: PROBLEM_SCHEMA,
  };
  document.components = {
    ...document.components,
    schemas: usedBy({ paths: document.paths, responses: problems.components }, schemas),
    headers: HEADERS,
    responses: problems.components,
  };
  return document;
}

/** Adds to an operation what its route's description says. */
function complete(
  operation: Operation,
  routes: ReadonlyMap<string, DescribedRoute>,
  problems: ProblemResponses,
): void {
  const { operationId: name = '', requestBody, parameters = [] } = operation;
  const route = routes.get(name);
  if (route === undefined) throw new TypeError(`${name} does not say what it does: add @ApiRoute`);
  const { id, summary, answer, problems: codes = [] } = route.description;
  const [status = ''] = Object.keys(operation.responses);
  Object.assign(operation, {
    operationId: id,
    summary,
    tags: id.split('_').slice(0, 1),
    security: [{ token: [] }],
  });
  for (const parameter of parameters) describeParameter(parameter, route);
  operation.responses = {
    [status]: {
      description: summary,
      headers: headersOf(['X-Request-Id']),
      content: { 'application/json': { schema: answerSchema(answer) } },
    },
    ...problems.of(codes, requestBody !== undefined),
  };
}

function describeParameter(parameter: Parameter, { classes }: DescribedRoute): void {
  if ('$ref' in parameter) throw new TypeError('a parameter is a reference');
  const { name } = parameter;
  if (parameter.in === 'header') {
    const header = REQUEST_HEADERS[name.toLowerCase()];
    if (header === undefined) throw new TypeError(`nobody has described the header ${name}`);
    Object.assign(parameter, header);
  }
  const [description] = classes.flatMap((type) => comments.ofMember(type, name) ?? []);
  if (description !== undefined) parameter.description = description;
}

/**
 * The schema of a body, which has no other fields, since those are refused. Defaults are in the descriptions alone:
 * generators take a field with a default for one that must be sent.
 */
function describedBody(name: string, body: Schema): Schema {
  if ('$ref' in body) throw new TypeError(`${name} is a reference`);
  const properties: Record<string, Schema> = {};
  for (const [field, schema] of Object.entries(body.properties ?? {})) {
    const description = comments.ofMember(name, field);
    properties[field] = { ...schema, default: undefined, ...(description !== undefined && { description }) };
  }
  return { ...body, properties, additionalProperties: false };
}

/** Those of the schemas that are referred to, also by each other. */
function usedBy(referring: object, schemas: Readonly<Record<string, object>>): Record<string, object> {
  const used = new Set<string>();
  const follow = (value: object): void => {
    for (const [, name = ''] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (used.has(name)) continue;
      used.add(name);
      follow(schemas[name] ?? {});
    }
  };
  follow(referring);
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)));
}
