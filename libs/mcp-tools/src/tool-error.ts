import type { CallToolResult } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { type ApiResponse, contentType, parsedJson, readBytes } from './api-response.js';

/** A result that says what went wrong. */
export function toolError(text: string): CallToolResult {
  return { isError: true, content: [{ type: 'text', text }] };
}

/** From outside, a key that was revoked, one that has expired and one that never existed look alike. */
const INVALID_KEY =
  'The API key is not valid any more. Create another one on the dashboard, put it into the configuration of this server, and start the server again.';

/** What an unsuccessful response means, and what to do. */
export async function failureSentence(response: ApiResponse): Promise<string> {
  const detail = await detailOf(response);
  if (response.status === 401) return INVALID_KEY;
  const saysWhen = /\d seconds?\b/.test(detail);
  return [detail, ...(saysWhen ? [] : whenToRetry(response))].join(' ');
}

const problem = z.object({ detail: z.string() });

/** The sentence of the problem (RFC 9457), if it has one. */
async function detailOf(response: ApiResponse): Promise<string> {
  const { status, headers } = response;
  const bytes = await readBytes(response);
  if (status >= 300 && status < 400)
    return `The API redirects to ${headers.get('location') ?? 'another address'}: set LE_BUREAU_API_URL to where it is.`;
  const isProblem = contentType(response) === 'application/problem+json';
  const found = problem.safeParse(isProblem ? parsedJson(bytes) : undefined);
  return found.success ? found.data.detail : `The API responded with status ${status}.`;
}

/** `Retry-After` in words (RFC 9110 section 10.2.3): our gateway sends seconds. */
function whenToRetry({ headers }: ApiResponse): string[] {
  const seconds = Number(headers.get('retry-after') ?? NaN);
  if (!Number.isInteger(seconds) || seconds < 0) return [];
  return [`Retry after ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`];
}
