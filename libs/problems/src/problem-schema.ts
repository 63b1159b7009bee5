/** A JSON Schema, as OpenAPI 3.1 documents contain it. */
export interface ProblemSchema {
  type: string;
  required?: string[];
  properties?: Record<string, object>;
}

const text = { type: 'string' } as const;

/**
 * The schema of a {@link Problem} for an OpenAPI document: `codes` are all that the service responds with, and `further`
 * describes members that some of them add.
 */
export function problemSchema(
  codes: readonly string[],
  further: Readonly<Record<string, object>>,
): ProblemSchema {
  return {
    type: 'object',
    required: ['type', 'title', 'status', 'detail', 'code', 'error', 'requestId'],
    properties: {
      type: { ...text, description: 'Identifies the kind of problem. It is not a link.' },
      title: text,
      status: { type: 'integer' },
      detail: { ...text, description: 'One sentence that says what to do.' },
      instance: { ...text, description: 'The path of the request.' },
      code: { ...text, enum: [...codes], description: 'What programs may rely on.' },
      error: {
        type: 'object',
        description: 'The same as detail, code and type, where SDKs for OpenAI’s API look for what to show.',
        required: ['message', 'code', 'type'],
        properties: { message: text, code: text, type: text },
      },
      requestId: { ...text, description: 'The same as X-Request-Id.' },
      errors: {
        type: 'array',
        description: 'With invalid_request: everything that is wrong.',
        items: {
          type: 'object',
          required: ['pointer', 'detail'],
          properties: {
            pointer: { ...text, description: 'Where: a JSON pointer (RFC 6901).' },
            detail: text,
          },
        },
      },
      ...further,
    },
  };
}
