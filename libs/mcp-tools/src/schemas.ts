import { z } from 'zod';
import { type JsonSchema, type Operation, mapped, resolved } from './api-document.js';

/** What an argument is in the request. */
export interface Argument {
  readonly name: string;
  readonly place: 'path' | 'query' | 'body';
}

/** The field that asks for a response as events. The server decides that, and not the model. */
const STREAM = 'stream';

/** What a tool takes: the parameters of its route and the fields of its body, side by side. */
interface ToolInput {
  readonly arguments: readonly Argument[];
  readonly inputSchema: JsonSchema;
  readonly canStream: boolean;
}

/** `pathNames`: the names of the arguments in the path, in their order. */
export function inputSchemaOf(operation: Operation, pathNames: readonly string[]): ToolInput {
  const ofPath = operation.parameters.filter((each) => each.in === 'path');
  const ofQuery = operation.parameters.filter((each) => each.in === 'query');
  const { properties, required } = bodyOf(operation);
  const { [STREAM]: stream, ...fields } = properties;
  return {
    canStream: stream !== undefined,
    arguments: [
      ...pathNames.map((name) => ({ name, place: 'path' as const })),
      ...ofQuery.map(({ name }) => ({ name, place: 'query' as const })),
      ...Object.keys(fields).map((name) => ({ name, place: 'body' as const })),
    ],
    inputSchema: {
      type: 'object',
      properties: {
        ...Object.fromEntries(ofPath.map(({ schema }, i) => [pathNames[i], shown(schema)])),
        ...Object.fromEntries(
          ofQuery.map(({ name, schema, description }) => [
            name,
            shown({ ...schema, ...(description !== undefined && { description }) }),
          ]),
        ),
        ...Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name, shown(schema)])),
      },
      required: [
        ...pathNames,
        ...ofQuery.filter((each) => each.required).map(({ name }) => name),
        ...required,
      ],
      additionalProperties: false,
    },
  };
}

const objectSchema = z.object({
  properties: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  required: z.array(z.string()).default([]),
});

function bodyOf({ requestBody }: Operation): z.output<typeof objectSchema> {
  const { schema = {} } = requestBody?.content['application/json'] ?? {};
  return objectSchema.parse(resolved(schema));
}

/**
 * Without patterns: the API says in a sentence what is wrong with a text, where a schema could only show the pattern that it
 * does not match.
 */
function shown({ example, ...schema }: JsonSchema): JsonSchema {
  const others = Object.entries(schema).filter(([name]) => name !== 'pattern');
  return mapped(
    { ...Object.fromEntries(others), ...(example !== undefined && { examples: [example] }) },
    shown,
  );
}

/**
 * What a tool returns. A service behind a newer gateway may return a value that this version does not know, which must not
 * make its result invalid: known values are mentioned in the description.
 */
export function outputSchemaOf(answer: JsonSchema | undefined): JsonSchema | undefined {
  return answer === undefined ? undefined : open(answer);
}

function open({ enum: values, example, description, ...schema }: JsonSchema): JsonSchema {
  const known = Array.isArray(values) ? `One of ${values.map(String).join(', ')}, or a newer value.` : '';
  const sentences = [description, known].filter((each) => typeof each === 'string' && each !== '');
  return mapped(
    {
      ...schema,
      ...(sentences.length > 0 && { description: sentences.join(' ') }),
      ...(example !== undefined && { examples: [example] }),
    },
    open,
  );
}
