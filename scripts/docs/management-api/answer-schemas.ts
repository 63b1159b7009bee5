import * as z from 'zod/mini';
import * as contract from '#libs/keys-contract';
import type { DocComments } from './doc-comments.js';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** `keyPageSchema` is KeyPage in the document. */
const SUFFIX = 'Schema';

const names = z.registry<{ id: string }>();
for (const [name, schema] of Object.entries(contract))
  if (name.endsWith(SUFFIX) && schema instanceof z.ZodMiniType)
    names.add(schema, { id: `${name[0]?.toUpperCase() ?? ''}${name.slice(1, -SUFFIX.length)}` });

const refTo = (name: string): string => `#/components/schemas/${name}`;

/** A reference to the schema of an answer, or the schema itself if the contract has no name for it. */
export function answerSchema(answer: z.ZodMiniType): object {
  const name = names.get(answer)?.id;
  return name === undefined ? cleaned(z.toJSONSchema(answer)) : { $ref: refTo(name) };
}

/** Every schema of the contract as JSON Schema, by name, with what the doc comments say about it. */
export function answerSchemas(comments: DocComments): Record<string, object> {
  const { schemas } = z.toJSONSchema(names, {
    uri: refTo,
    override: ({ jsonSchema }) => void cleaned(jsonSchema),
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      const type = `${name[0]?.toLowerCase() ?? ''}${name.slice(1)}${SUFFIX}`;
      for (const [member, inner] of Object.entries(schema.properties ?? {})) {
        const description = comments.ofMember(type, member);
        if (typeof inner === 'object' && description !== undefined) inner.description = description;
      }
      const description = comments.of(type);
      return [name, { ...(description !== undefined && { description }), ...cleaned(schema) }];
    }),
  );
}

/** Without what only the library that reads needs, such as defaults for answers of other versions. */
function cleaned(schema: JsonSchema): JsonSchema {
  delete schema.$schema;
  delete schema.$id;
  delete schema.default;
  delete schema.readOnly;
  // Fields may be added.
  if (schema.additionalProperties === false) delete schema.additionalProperties;
  // What JavaScript can count to, and what a date-time is anyway.
  if (schema.type === 'integer') {
    delete schema.minimum;
    delete schema.maximum;
  }
  if (schema.format === 'date-time') delete schema.pattern;
  return schema;
}
