import { StringDecoder } from 'node:string_decoder';
import { ToolFailure } from './tool-failure.js';

/** A response of the public API. `Response` of the Fetch Standard fits. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** Its bytes. Null if there are none. */
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** The most bytes of a response that are read: a screenshot or the output of a program may be long. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Its content type without parameters: `application/json`. */
export function contentType({ headers }: ApiResponse): string {
  return (headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** Reads it whole. Throws {@link ToolFailure}. */
export async function readBytes(response: ApiResponse): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bounded(response)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Undefined for what is no JSON. */
export function parsedJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

/** Reads it as text, a piece at a time. Throws {@link ToolFailure}. */
export async function* readText(response: ApiResponse): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  for await (const chunk of bounded(response)) yield decoder.write(Buffer.from(chunk));
}

async function* bounded({ body }: ApiResponse): AsyncGenerator<Uint8Array> {
  let length = 0;
  try {
    for await (const chunk of body ?? []) {
      length += chunk.length;
      if (length > MAX_BYTES) break;
      yield chunk;
    }
  } catch (err) {
    throw new ToolFailure(
      'The response ended early, so its result is unknown. Check what has happened before you call the tool again.',
      { cause: err },
    );
  }
  if (length > MAX_BYTES)
    throw new ToolFailure(`The response is longer than ${MAX_BYTES / 1024 / 1024} MiB. Ask for less.`);
}
