import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import { type Dispatcher, request } from 'undici';
import { TEST_SECRETS, noteIssued } from '#libs/testing';
import type { FieldSchema } from '../../gateway/contract/document.js';

const document = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../openapi.keys.json'), 'utf8'));

/** A response of an operation. Problems name their codes in the second part of their schema. */
interface DescribedResponse {
  readonly headers: object;
  readonly content: Readonly<
    Record<string, { schema: { allOf?: [object, { properties: { code: { enum: string[] } } }] } }>
  >;
}

/** A parameter of the query or a field of the body, in a schema that may allow null besides one type. */
interface DocumentedField {
  readonly place: 'query' | 'body';
  readonly name: string;
  readonly schema: FieldSchema;
  readonly isNullable: boolean;
}

/** An operation of openapi.keys.json. */
interface Operation {
  readonly id: string;
  readonly method: Dispatcher.HttpMethod;
  readonly path: string;
  readonly takesBody: boolean;
  readonly fields: readonly DocumentedField[];
  /** By status, with references resolved. */
  readonly responses: Readonly<Record<string, DescribedResponse>>;
}

export const OPERATIONS: readonly Operation[] = Object.entries<object>(document.paths).flatMap(
  ([path, item]) =>
    Object.entries(item).map(([method, { operationId, parameters, requestBody, responses }]) => ({
      id: operationId,
      method: method.toUpperCase(),
      path,
      takesBody: requestBody !== undefined,
      fields: [...inQuery(parameters), ...inBody(requestBody)],
      responses: Object.fromEntries(
        Object.entries<{ $ref?: string }>(responses).map(([status, response]) => {
          const name = response.$ref?.split('/').at(-1);
          return [status, name === undefined ? response : document.components.responses[name]];
        }),
      ),
    })),
);

function inQuery(parameters: { in: string; name: string; schema: object }[]): DocumentedField[] {
  return parameters
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, schema }) => ({ place: 'query', name, ...withoutNull(schema) }));
}

function inBody(requestBody?: { content: Record<string, { schema: { $ref: string } }> }): DocumentedField[] {
  const name = requestBody?.content['application/json']?.schema.$ref.split('/').at(-1);
  if (name === undefined) return [];
  return Object.entries<object>(document.components.schemas[name].properties).map(([field, schema]) => ({
    place: 'body',
    name: field,
    ...withoutNull(schema),
  }));
}

function withoutNull(schema: object): Pick<DocumentedField, 'schema' | 'isNullable'> {
  const { type, ...rest } = Object(schema);
  const types = [type].flat();
  return {
    schema: { ...rest, type: types.find((each) => each !== 'null') },
    isNullable: types.includes('null'),
  };
}

/** An ID that no owner and no key has. */
const NOBODY = '0352dezfK9Gia0iM56jbgM';

interface Call {
  /** What goes into the path. */
  readonly ids?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly tokens?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Calls of the management API, each of which must be answered as the document says. */
export class DocumentedCalls {
  /** What each operation has answered: the codes of problems, or `success`. */
  readonly heard = new Map(OPERATIONS.map(({ id }) => [id, new Set<string>()]));

  constructor(private readonly url: string) {}

  /** Calls an operation, by default with IDs that nobody has. Returns the body of the answer. */
  async call(id: string, given: Call = {}): Promise<object> {
    const operation = OPERATIONS.find((each) => each.id === id);
    if (operation === undefined) throw new Error(`the document has no ${id}`);
    const { method, takesBody } = operation;
    const { ids = {}, query = {}, body = {}, tokens = [TEST_SECRETS.KEYS_MANAGE_TOKEN], headers } = given;
    const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? NOBODY);
    const response = await request(`${this.url}${path}?${new URLSearchParams(query).toString()}`, {
      method,
      headers: [
        ...Object.entries({ ...(takesBody && { 'content-type': 'application/json' }), ...headers }),
        ...tokens.map((token) => ['authorization', `Bearer ${token}`]),
      ].flat(),
      body: takesBody ? JSON.stringify(body) : null,
    });
    const answer = Object(await response.body.json());
    const { statusCode: status } = response;
    const complaints = complaintsAbout(operation, response, answer);
    expect({ id, status, complaints }).toEqual({ id, status, complaints: [] });
    this.heard.get(id)?.add(status < 300 ? 'success' : answer.code);
    return answer;
  }

  /** Creates a key. */
  async issue(ownerId: string, more: object = {}, headers = {}): Promise<object> {
    const body = { name: 'CI', capabilities: ['kb:read'], ...more };
    const answer = await this.call('keys_issue', { ids: { ownerId }, body, headers });
    if ('token' in answer) noteIssued(String(answer.token));
    return answer;
  }
}

/** What the document says that each operation answers: the codes of problems, or `success`. */
export function documentedAnswers(): Map<string, Set<string>> {
  return new Map(
    OPERATIONS.map(({ id, responses }) => {
      const answers = Object.values(responses).flatMap(
        ({ content }) =>
          content['application/problem+json']?.schema.allOf?.[1].properties.code.enum ?? 'success',
      );
      return [id, new Set(answers)];
    }),
  );
}

const ajv = new Ajv2020({ formats: fullFormats, allErrors: true, allowUnionTypes: true });
ajv.addVocabulary(['components']);

/** By the document, answers may get more fields; but then they must be described in it. */
const schemas = Object.fromEntries(
  Object.entries<object>(document.components.schemas).map(([name, schema]) => [
    name,
    { additionalProperties: false, ...schema },
  ]),
);

const validators = new WeakMap<object, ValidateFunction>();

function validatorOf(schema: object): ValidateFunction {
  const validate = validators.get(schema) ?? ajv.compile({ ...schema, components: { schemas } });
  validators.set(schema, validate);
  return validate;
}

function complaintsAbout(
  { responses }: Operation,
  { statusCode, headers }: Pick<Dispatcher.ResponseData, 'statusCode' | 'headers'>,
  answer: unknown,
): unknown[] {
  const described = responses[statusCode];
  if (described === undefined) return [`status ${statusCode} is not described`];
  const type = String(headers['content-type']).split(';')[0] ?? '';
  const schema = described.content[type]?.schema;
  if (schema === undefined) return [`content of type ${type} is not described`];
  const validate = validatorOf(schema);
  const names = Object.keys(described.headers).map((name) => name.toLowerCase());
  return [
    ...(headers['x-request-id'] === undefined ? ['there is no X-Request-Id'] : []),
    ...['x-request-id', 'www-authenticate', 'retry-after'].filter(
      (name) => headers[name] !== undefined && !names.includes(name),
    ),
    ...(validate(answer) ? [] : (validate.errors ?? [])),
  ];
}
