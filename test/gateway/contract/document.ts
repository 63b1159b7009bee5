import { z } from 'zod';

/** The part of JSON Schema that describes requests. */
export interface FieldSchema {
  readonly type: 'string' | 'integer' | 'boolean' | 'array';
  readonly enum?: readonly string[] | undefined;
  readonly pattern?: string | undefined;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly minItems?: number | undefined;
  readonly maxItems?: number | undefined;
  readonly items?: FieldSchema | undefined;
}

const fieldSchema: z.ZodType<FieldSchema> = z.object({
  type: z.enum(['string', 'integer', 'boolean', 'array']),
  enum: z.array(z.string()).optional(),
  pattern: z.string().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  get items() {
    return fieldSchema.optional();
  },
});

const bodySchema = z.object({
  type: z.literal('object'),
  properties: z.record(z.string(), fieldSchema),
  required: z.array(z.string()).default([]),
  additionalProperties: z.literal(
    false,
    'a body refuses other fields: end the name of its class with Body (apps/gateway/src/openapi/describe-api.ts)',
  ),
});

const reference = z.object({ $ref: z.string() });

const response = z.object({
  headers: z.record(z.string(), reference),
  content: z.record(z.string(), z.object({ schema: z.record(z.string(), z.unknown()) })),
});

const operation = z.object({
  operationId: z.string(),
  parameters: z
    .array(
      z.object({
        name: z.string(),
        in: z.enum(['path', 'query']),
        required: z.boolean(),
        schema: fieldSchema,
      }),
    )
    .default([]),
  requestBody: z
    .object({ content: z.object({ 'application/json': z.object({ schema: reference }) }) })
    .optional(),
  responses: z.record(z.string(), z.union([reference, response])),
  'x-capabilities': z.array(z.string()),
  security: z.array(z.unknown()),
});

const method = z.enum(['get', 'post', 'patch']);

const document = z.object({
  paths: z.record(z.string(), z.partialRecord(method, operation)),
  components: z.object({
    schemas: z.record(z.string(), z.unknown()),
    responses: z.record(z.string(), response),
    headers: z.record(z.string(), z.looseObject({ required: z.boolean().default(false) })),
  }),
});

export type Document = z.output<typeof document>;
export type BodySchema = z.output<typeof bodySchema>;
export type Response = z.output<typeof response>;

/** An operation of the document, with references resolved. */
export interface Operation {
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly template: string;
  readonly parameters: z.output<typeof operation>['parameters'];
  /** The body's name among the schemas, and its schema. */
  readonly body: { readonly name: string; readonly schema: BodySchema } | undefined;
  /** By status. */
  readonly responses: Readonly<Record<string, Response>>;
  readonly needs: readonly string[];
}

export function readDocument(text: string): Document {
  return document.parse(JSON.parse(text));
}

const METHODS = { get: 'GET', post: 'POST', patch: 'PATCH' } as const;

/**
 * Every operation that needs a key, in the document's order: others are limited by address. Throws if the document contains
 * something that this cannot interpret.
 */
export function operationsOf({ paths, components }: Document): Operation[] {
  const nameIn = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1);
  return Object.entries(paths).flatMap(([template, item]) =>
    method.options.flatMap((name): Operation[] => {
      const described = item[name];
      if (described === undefined || described.security.length === 0) return [];
      const body = described.requestBody?.content['application/json'].schema.$ref;
      const responses = Object.entries(described.responses).map(([status, said]): [string, Response] => [
        status,
        '$ref' in said ? response.parse(components.responses[nameIn(said.$ref)]) : said,
      ]);
      return [
        {
          id: described.operationId,
          method: METHODS[name],
          template,
          parameters: described.parameters,
          body:
            body === undefined
              ? undefined
              : { name: nameIn(body), schema: bodySchema.parse(components.schemas[nameIn(body)]) },
          responses: Object.fromEntries(responses),
          needs: described['x-capabilities'],
        },
      ];
    }),
  );
}
