import type { INestApplication } from '@nestjs/common';
import { ApiProperty, DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { CAPABILITIES } from '#libs/capabilities';
import { describedFields } from '#libs/fields';
import { type Declaration, DeclaredRoutes } from '#libs/key-guard';
import { ANSWER_HEADERS, COMMON_HEADERS, headersOf } from './answer-headers.js';
import { COMMON_RESPONSES, PROBLEM_SCHEMA, responsesOf } from './problem-responses.js';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;
type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

const INTRODUCTION = `Every request needs an API key, as \`Authorization: Bearer sk_live_...\`. A key has the capabilities that it was created with:

${CAPABILITIES.map(({ name, unlocks }) => `- \`${name}\`: ${unlocks}`).join('\n')}

Errors are \`application/problem+json\` (RFC 9457), with a \`code\` that programs may rely on.`;

const TAGS = {
  Me: 'The key’s owner and capabilities.',
  Desktops: 'List, start and stop desktops.',
  Control: 'Mouse, keyboard, shell and screen of a running desktop.',
  Chat: 'The agent on a desktop.',
  Schedules: 'Scheduled jobs.',
  Kb: 'The workspace knowledge base.',
};

/**
 * The public API as an OpenAPI 3.1 document. It cannot disagree with the guard about who may call a route: both read the
 * same declaration.
 */
export function describeApi(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Le Bureau')
    .setDescription(INTRODUCTION)
    .setVersion('1')
    .setLicense('MIT', 'https://spdx.org/licenses/MIT.html')
    .addServer('/')
    .addBearerAuth(
      {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'sk_live_<id>_<secret>',
        description: 'An API key, sk_live_...',
      },
      'key',
    );
  for (const [name, description] of Object.entries(TAGS)) builder.addTag(name, description);
  for (const { target, property, schema } of describedFields()) ApiProperty(schema)(target, property);
  const document = SwaggerModule.createDocument(app, builder.build(), {
    operationIdFactory: (controller, method) => `${controller}.${method}`,
  });

  const declarations = app.get(DeclaredRoutes, { strict: false }).declarations();
  for (const item of Object.values(document.paths)) {
    if (item.get !== undefined) completeOperation(item.get, declarations, false);
    for (const operation of [item.post, item.patch])
      if (operation !== undefined) completeOperation(operation, declarations, true);
  }
  document.components = {
    ...document.components,
    schemas: { ...withoutOtherFields(document.components?.schemas), Problem: PROBLEM_SCHEMA },
    headers: ANSWER_HEADERS,
    responses: COMMON_RESPONSES,
  };
  return document;
}

/** Requests' bodies have no other fields, since those are refused. Responses may get more. */
function withoutOtherFields(schemas: Schemas = {}): Schemas {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      name,
      name.endsWith('Body') ? { ...schema, additionalProperties: false } : schema,
    ]),
  );
}

/** Adds who may call an operation, the headers of its response, and its errors. */
function completeOperation(
  operation: Operation,
  declarations: ReadonlyMap<string, Declaration>,
  mayHaveBody: boolean,
): void {
  const { operationId: name = '' } = operation;
  const declaration = declarations.get(name);
  if (declaration === undefined) throw new TypeError(`${name} does not declare who may call it`);
  const required = declaration.opens === 'to capabilities' ? declaration.required : [];
  const [controller = '', method] = name.replace('Controller.', '.').split('.');
  operation.operationId = `${controller.toLowerCase()}_${method}`;
  operation.security = [{ key: [...required] }];
  const needs = required.map((capability) => `\`${capability}\``).join(' and ');
  const who = needs === '' ? 'Any valid key may call it.' : `Needs ${needs}.`;
  operation.description = [operation.description, who].filter(Boolean).join('\n\n');
  Object.assign(operation, { 'x-capabilities': required });
  operation.responses = {
    ...withHeaders(operation.responses),
    ...responsesOf({
      mayHaveBody,
      takesFields: operation.requestBody !== undefined || (operation.parameters ?? []).length > 0,
      needsCapability: required.length > 0,
      isForwarded: controller !== 'Me',
    }),
  };
}

function withHeaders(responses: Operation['responses']): Operation['responses'] {
  return Object.fromEntries(
    Object.entries(responses).map(([status, response]) => [
      status,
      response === undefined || '$ref' in response
        ? response
        : { ...response, headers: headersOf(COMMON_HEADERS) },
    ]),
  );
}
