import type { INestApplication } from '@nestjs/common';
import { ApiProperty, DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { Catalogue, type Group } from '#libs/catalogue';
import { describedFields } from '#libs/fields';
import { DeclaredRoutes, type RouteDeclaration } from '#libs/key-guard';
import { isUpstreamName } from '../upstream-routes.js';
import { ANSWER_HEADERS, COMMON_HEADERS, type HeaderName, headersOf } from './answer-headers.js';
import { COMMON_RESPONSES, PROBLEM_SCHEMA, responsesOf } from './problem-responses.js';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;
type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

/** The tags of what the gateway answers itself. Each group of the catalogue has a tag for its routes. */
const OWN_TAG = { name: 'Me', description: 'The key’s owner and capabilities.' };
const REPORTS_TAG = { name: 'Leaked keys', description: 'Revoking keys that you have found.' };

/**
 * The public API as an OpenAPI 3.1 document. It cannot disagree with the guard about who may call a route: both read the
 * same declaration.
 */
export function describeApi(app: INestApplication): OpenAPIObject {
  const catalogue = app.get(Catalogue);
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle(catalogue.title)
    .setDescription(introductionOf(catalogue))
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
  builder.addTag(OWN_TAG.name, OWN_TAG.description);
  for (const { title, description = '' } of catalogue.groups.filter(hasRoutes))
    builder.addTag(title, description);
  builder.addTag(REPORTS_TAG.name, REPORTS_TAG.description);
  for (const { target, property, schema } of describedFields()) ApiProperty(schema)(target, property);
  const document = SwaggerModule.createDocument(app, builder.build(), {
    operationIdFactory: (controller, method) => `${controller}.${method}`,
  });

  const declarations = app.get(DeclaredRoutes, { strict: false }).declarations();
  for (const [path, item] of Object.entries(document.paths)) {
    const tag = tagOf(path, catalogue);
    if (item.get !== undefined) completeOperation(item.get, { declarations, tag, mayHaveBody: false });
    for (const operation of [item.post, item.patch])
      if (operation !== undefined) completeOperation(operation, { declarations, tag, mayHaveBody: true });
  }
  document.components = {
    ...document.components,
    schemas: { ...withoutOtherFields(document.components?.schemas), Problem: PROBLEM_SCHEMA },
    headers: ANSWER_HEADERS,
    responses: COMMON_RESPONSES,
  };
  return document;
}

function introductionOf({ capabilities }: Catalogue): string {
  return `Every request needs an API key, as \`Authorization: Bearer sk_live_...\`. A key has the capabilities that it was created with:

${capabilities.map(({ name, description }) => `- \`${name}\`: ${description}`).join('\n')}

Errors are \`application/problem+json\` (RFC 9457), with a \`code\` that programs may rely on.`;
}

function hasRoutes({ upstream }: Group): boolean {
  return upstream !== undefined && isUpstreamName(upstream);
}

/** The title of the group whose upstream the path leads to. */
function tagOf(path: string, { groups }: Catalogue): string {
  if (path.startsWith('/credentials/')) return REPORTS_TAG.name;
  const [, , service] = path.split('/');
  return groups.find(({ upstream }) => upstream === service)?.title ?? OWN_TAG.name;
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
  route: {
    readonly declarations: ReadonlyMap<string, RouteDeclaration>;
    readonly tag: string;
    readonly mayHaveBody: boolean;
  },
): void {
  const { operationId: name = '' } = operation;
  const declaration = route.declarations.get(name);
  if (declaration === undefined) throw new TypeError(`${name} does not declare who may call it`);
  const required = declaration.opens === 'to capabilities' ? declaration.required : [];
  const [controller = '', method] = name.replace('Controller.', '.').split('.');
  operation.operationId = `${controller.toLowerCase()}_${method}`;
  operation.tags = [route.tag];
  const isPublic = declaration.opens === 'to everybody';
  operation.security = isPublic ? [] : [{ key: [...required] }];
  const who = isPublic ? 'It needs no key.' : whoMayCall(required);
  operation.description = [operation.description, who].filter(Boolean).join('\n\n');
  Object.assign(operation, { 'x-capabilities': required });
  operation.responses = {
    ...withHeaders(operation.responses, isPublic ? ['X-Request-Id'] : COMMON_HEADERS),
    ...responsesOf({
      isPublic,
      mayHaveBody: route.mayHaveBody,
      takesFields: operation.requestBody !== undefined || (operation.parameters ?? []).length > 0,
      isForwarded: controller !== 'Me' && !isPublic,
    }),
  };
}

function whoMayCall(required: readonly string[]): string {
  const needs = required.map((capability) => `\`${capability}\``).join(' and ');
  return needs === '' ? 'Any valid key may call it.' : `Needs ${needs}.`;
}

function withHeaders(
  responses: Operation['responses'],
  names: readonly HeaderName[],
): Operation['responses'] {
  return Object.fromEntries(
    Object.entries(responses).map(([status, response]) => [
      status,
      response === undefined || '$ref' in response ? response : { ...response, headers: headersOf(names) },
    ]),
  );
}
