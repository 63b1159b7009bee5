import type { INestApplication } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { DeclaredHandler } from '../declaration/check-declarations.js';
import { DeclaredRoutes } from '../declaration/declared-routes.js';
import type { RouteDeclaration } from '../declaration/declarations.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

const VERBS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;

/** The name of the security scheme. */
const SCHEME = 'apiKey';

/**
 * Adds to the document of `SwaggerModule.createDocument` which key each operation needs: as its security, in a sentence of
 * its description, as `x-capabilities` (all of them) or `x-any-capability` (one of them), and its refusals. It cannot
 * disagree with the guard, since both read the same declarations. Returns the document.
 *
 * Throws a TypeError for an operation that is no route of the application: add such ones afterwards.
 */
export function describeCapabilities(document: OpenAPIObject, app: INestApplication): OpenAPIObject {
  const handlers = app.get(DeclaredRoutes, { strict: false }).handlers();
  for (const [path, item] of Object.entries(document.paths)) {
    for (const verb of VERBS) {
      const operation = item[verb];
      if (operation === undefined) continue;
      const { declaration } = find(handlers, `${verb.toUpperCase()} ${path}`, operation);
      if (declaration !== undefined) describe(operation, declaration, document.openapi);
    }
  }
  document.components = {
    ...document.components,
    securitySchemes: {
      ...document.components?.securitySchemes,
      [SCHEME]: { type: 'http', scheme: 'bearer', description: 'An API key.' },
    },
  };
  return document;
}

/** By its path; with versions and several methods by its ID, as Nest makes it: `ReportsController_list_v1`. */
function find(
  handlers: readonly DeclaredHandler[],
  name: string,
  { operationId = '' }: Operation,
): DeclaredHandler {
  const route = name.replaceAll('{', ':').replaceAll('}', '');
  const ids = [operationId, operationId.slice(0, Math.max(0, operationId.lastIndexOf('_')))];
  const found =
    handlers.find((handler) => handler.kind === 'HTTP' && handler.route === route) ??
    handlers.find((handler) => handler.kind === 'HTTP' && ids.includes(handler.name.replace('.', '_')));
  if (found === undefined)
    throw new TypeError(
      `${name} is no route of this application: keep Nest's operation IDs, and add what is not Nest's afterwards`,
    );
  return found;
}

function describe(operation: Operation, declaration: RouteDeclaration, openapi: string): void {
  switch (declaration.opens) {
    case 'to everybody':
    case 'to another guard':
      return;
    case 'with or without a key':
      describeNeeds(operation, 'A key is optional.', [{}, { [SCHEME]: [] }]);
      return;
    case 'to any valid key':
      describeNeeds(operation, 'Any valid key may call it.', [{ [SCHEME]: [] }]);
      return;
    case 'to capabilities':
    case 'to any capability of': {
      const needsAll = declaration.opens === 'to capabilities';
      const names = [...(needsAll ? declaration.required : declaration.accepted)];
      const list = names.map((name) => `\`${name}\``).join(needsAll ? ' and ' : ' or ');
      // A list of what is needed means all of it. Before 3.1, only OAuth could have one.
      const scopes = needsAll && !openapi.startsWith('3.0') ? names : [];
      describeNeeds(operation, `Needs ${list}.`, [{ [SCHEME]: scopes }]);
      Object.assign(operation, { [needsAll ? 'x-capabilities' : 'x-any-capability']: names });
      operation.responses = {
        403: { description: 'The key lacks a capability.' },
        ...operation.responses,
      };
      return;
    }
    default:
      declaration satisfies never;
  }
}

function describeNeeds(
  operation: Operation,
  sentence: string,
  security: NonNullable<Operation['security']>,
): void {
  operation.security = security;
  operation.description = [operation.description, sentence].filter(Boolean).join('\n\n');
  operation.responses = {
    401: { description: 'The key is missing or invalid.' },
    429: { description: 'The key has reached a limit. Retry-After says when to try again.' },
    ...operation.responses,
  };
}
