import { z } from 'zod';
import openapi from '../../../openapi.json' with { type: 'json' };

const schema = z.record(z.string(), z.unknown());

/** A JSON Schema (2020-12, as OpenAPI 3.1 has it). */
export type JsonSchema = z.output<typeof schema>;

const content = z.record(z.string(), z.object({ schema: schema.optional() }));

const operation = z.object({
  summary: z.string(),
  'x-capabilities': z.array(z.string()),
  parameters: z
    .array(
      z.object({
        name: z.string(),
        in: z.enum(['path', 'query']),
        required: z.boolean().default(false),
        description: z.string().optional(),
        schema,
      }),
    )
    .default([]),
  requestBody: z.object({ content }).optional(),
  responses: z.record(z.string(), z.object({ content: content.optional() })),
});

const document = z
  .object({
    paths: z.record(z.string(), z.record(z.string(), operation)),
    components: z.object({ schemas: z.record(z.string(), schema) }),
  })
  .parse(openapi);

/** What a route of the public API takes and answers. */
export type Operation = z.output<typeof operation>;

/** Every route of the public API, by its name: `GET /v1/desktops/{id}`. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, each]) => [`${method.toUpperCase()} ${path}`, each]),
  ),
);

const REFERENCE = '#/components/schemas/';

/** A schema with everything that it refers to in place. */
export function resolved(part: JsonSchema): JsonSchema {
  const { $ref } = part;
  if (typeof $ref !== 'string') return mapped(part, resolved);
  const found = document.components.schemas[$ref.slice(REFERENCE.length)];
  if (!$ref.startsWith(REFERENCE) || found === undefined)
    throw new TypeError(`openapi.json has no schema ${$ref}`);
  return resolved(found);
}

/** A schema whose parts, which are schemas themselves, are replaced: properties and items. */
export function mapped(part: JsonSchema, replace: (part: JsonSchema) => JsonSchema): JsonSchema {
  const { properties, items } = part;
  return {
    ...part,
    ...(isObject(properties) && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, each]) => [name, isObject(each) ? replace(each) : each]),
      ),
    }),
    ...(isObject(items) && { items: replace(items) }),
  };
}

export function isObject(value: unknown): value is JsonSchema {
  return schema.safeParse(value).success;
}
