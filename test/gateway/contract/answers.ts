import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import type { Document, Operation, Response } from './document.js';

/** A complete response. */
export interface Heard {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Headers that HTTP or the gateway's security add to responses (RFC 9110, Fetch), and that are not part of the API. */
const OF_HTTP = [
  'allow',
  'cache-control',
  'connection',
  'content-length',
  'content-type',
  'date',
  'keep-alive',
  'retry-after',
  'transfer-encoding',
  'vary',
  'x-content-type-options',
];

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Compares responses with the document: everything in them must be described, and match its description. */
export class AnswerCheck {
  readonly #ajv = new Ajv2020({ formats: fullFormats, allErrors: true, allowUnionTypes: true });
  readonly #headers: Document['components']['headers'];

  constructor({ components }: Document) {
    this.#headers = components.headers;
    this.#ajv.addVocabulary(['components', 'example']);
    this.#ajv.addSchema({ $id: 'openapi.json', components: withNothingElse(components) });
  }

  /** Whether a body matches its schema. */
  isRight(schemaName: string, body: unknown): boolean {
    return this.#validatorOf(`#/components/schemas/${schemaName}`)(body);
  }

  /** What is wrong with a response, in sentences; empty if it matches. */
  complaints({ responses }: Operation, heard: Heard): string[] {
    const { status, headers } = heard;
    const described = responses[status];
    if (described === undefined) return [`status ${status} is not described`];
    const type = String(headers['content-type']).split(';')[0]?.trim() ?? '';
    const content = described.content[type];
    return [
      ...(status >= 500 && status !== 503 ? [`${status} is nobody's wish`] : []),
      ...(content === undefined
        ? [`content of type ${type} is not described`]
        : this.#inBody(type, content.schema, heard.body)),
      ...this.#inHeaders(described, headers),
    ];
  }

  #inBody(type: string, schema: Readonly<Record<string, unknown>>, body: Buffer): string[] {
    switch (type) {
      case 'application/json':
      case 'application/problem+json':
        return this.#inValue(String(schema.$ref), JSON.parse(body.toString()));
      case 'text/event-stream':
        return this.#inEvents(body.toString());
      case 'image/png':
        return body.subarray(0, PNG.length).equals(PNG) ? [] : ['the image is not a PNG'];
      default:
        return [`nobody knows how to read ${type}`];
    }
  }

  /** The document's description of a streaming chat. */
  #inEvents(text: string): string[] {
    const events = text.split('\n\n').filter((event) => event !== '');
    const complaints = events.slice(0, -1).flatMap((event) => {
      const data = /^event: delta\ndata: (.*)$/.exec(event)?.[1];
      const said: unknown = data === undefined ? undefined : JSON.parse(data);
      return typeof Object(said).text === 'string' ? [] : [`no delta: ${event}`];
    });
    const done = /^event: done\ndata: (.*)$/.exec(events.at(-1) ?? '')?.[1];
    return done === undefined
      ? [...complaints, 'the stream has no end']
      : [...complaints, ...this.#inValue('#/components/schemas/ChatAnswer', JSON.parse(done))];
  }

  #inHeaders({ headers: described }: Response, headers: Heard['headers']): string[] {
    const names = new Map(Object.entries(described).map(([name, { $ref }]) => [name.toLowerCase(), $ref]));
    const missing = Object.keys(described).filter(
      (name) => this.#headers[name]?.required === true && headers[name.toLowerCase()] === undefined,
    );
    return [
      ...missing.map((name) => `the header ${name} is missing`),
      ...Object.entries(headers).flatMap(([name, value]) => {
        const ref = names.get(name);
        if (ref !== undefined) return this.#inValue(`${ref}/schema`, value);
        return OF_HTTP.includes(name) ? [] : [`the header ${name} is not described`];
      }),
    ];
  }

  #inValue(ref: string, value: unknown): string[] {
    const validate = this.#validatorOf(ref);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message }) => `${ref}: ${instancePath} ${message ?? ''} in ${JSON.stringify(value)}`,
    );
  }

  #validatorOf(ref: string): ValidateFunction {
    const validate = this.#ajv.getSchema(`openapi.json${ref}`);
    if (validate === undefined) throw new TypeError(`the document has no ${ref}`);
    return validate;
  }
}

/** By the document, responses may get more fields; but then they must be described in it. */
function withNothingElse(components: Document['components']): object {
  const schemas = Object.entries(components.schemas).map(([name, schema]) => [
    name,
    { ...Object(schema), additionalProperties: false },
  ]);
  return { ...components, schemas: Object.fromEntries(schemas) };
}
