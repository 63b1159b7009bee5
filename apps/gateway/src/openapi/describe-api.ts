import type { INestApplication } from '@nestjs/common';
import { ApiProperty, DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { CAPABILITIES } from '#libs/capabilities';
import { describedFields } from '#libs/fields';
import { type Declaration, DeclaredRoutes } from '#libs/key-guard';
import { ANSWER_HEADERS, EVERYWHERE, headersOf } from './answer-headers.js';
import { COMMON_RESPONSES, PROBLEM_SCHEMA, responsesOf } from './problem-responses.js';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;
type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

const INTRODUCTION = `Everything is called with an API key, as \`Authorization: Bearer sk_live_...\`. A key has the capabilities it was made with:

${CAPABILITIES.map(({ name, unlocks }) => `- \`${name}\`: ${unlocks}`).join('\n')}

What is refused is answered as \`application/problem+json\` (RFC 9457), with a \`code\` that programs may rely on.`;

const TAGS = {
  Me: 'Whose key it is.',
  Desktops: 'Which desktops there are, and whether they run.',
  Control: 'Mouse, keyboard, shell and screen of a desktop that runs.',
  Chat: 'The agent on a desktop.',
  Schedules: 'Jobs that run at their times.',
  Kb: 'The workspace knowledge base.',
};

/**
 * The public API as an OpenAPI 3.1 document. Who may call a route is what the guard enforces: both read the same
 * declaration.
 */
export function describeApi(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Le Bureau')
    .setDescription(INTRODUCTION)
    .setVersion('1')
    .setLicense('MIT', 'https://spdx.org/licenses/MIT.html')
    .addServer('/')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key, sk_live_...' }, 'key');
  for (const [name, description] of Object.entries(TAGS)) builder.addTag(name, description);
  for (const { target, property, schema } of describedFields()) ApiProperty(schema)(target, property);
  const document = SwaggerModule.createDocument(app, builder.build(), {
    operationIdFactory: (controller, method) => `${controller}.${method}`,
  });

  const declarations = app.get(DeclaredRoutes, { strict: false }).declarations();
  for (const item of Object.values(document.paths)) {
    if (item.get !== undefined) complete(item.get, declarations, false);
    for (const operation of [item.post, item.patch])
      if (operation !== undefined) complete(operation, declarations, true);
  }
  document.components = {
    ...document.components,
    schemas: { ...closed(document.components?.schemas), Problem: PROBLEM_SCHEMA },
    headers: ANSWER_HEADERS,
    responses: COMMON_RESPONSES,
  };
  return document;
}

/** Bodies of requests have no other fields: those are refused. Answers may come to have more. */
function closed(schemas: Schemas = {}): Schemas {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      name,
      name.endsWith('Body') ? { ...schema, additionalProperties: false } : schema,
    ]),
  );
}

/** Adds who may call it, the headers of its answer, and how it says no. */
function complete(
  operation: Operation,
  declarations: ReadonlyMap<string, Declaration>,
  mayHaveBody: boolean,
): void {
  const { operationId: name = '' } = operation;
  const declaration = declarations.get(name);
  if (declaration === undefined) throw new TypeError(`nobody has declared who may call ${name}`);
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
        : { ...response, headers: headersOf(EVERYWHERE) },
    ]),
  );
}
