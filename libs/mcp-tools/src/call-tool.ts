import type { CallToolResult } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { apiRequest } from './api-request.js';
import { type ApiResponse, contentType, parsedJson, readBytes } from './api-response.js';
import { readChatEvents } from './chat-events.js';
import { failureSentence, toolError } from './tool-error.js';
import { ToolFailure } from './tool-failure.js';
import type { ApiRequest, Tool } from './tool.js';

/** Sends a request to the public API, with the key. Rejects with a {@link ToolFailure} if there is no response. */
export type CallApi = (request: ApiRequest, signal: AbortSignal) => Promise<ApiResponse>;

/** How a tool is called. */
export interface ToolCall {
  readonly callApi: CallApi;
  readonly signal: AbortSignal;
  /** Gets each piece of a reply as it arrives. Undefined: the client does not want to know. */
  readonly onProgress: ((piece: string) => Promise<void>) | undefined;
  /** Gets errors that nobody foresaw, for the log. The model is not told what they are. */
  readonly onError: (err: unknown) => void;
}

/** Calls the tool's route. What goes wrong is a result as well (`isError`), so that the model reads it. */
export async function callTool(
  tool: Tool,
  given: Readonly<Record<string, unknown>>,
  { callApi, signal, onProgress, onError }: ToolCall,
): Promise<CallToolResult> {
  try {
    const response = await callApi(apiRequest(tool, given, onProgress !== undefined), signal);
    const isSuccess = response.status >= 200 && response.status < 300;
    return isSuccess ? await resultOf(response, onProgress) : toolError(await failureSentence(response));
  } catch (err) {
    if (err instanceof ToolFailure) return toolError(err.message);
    // Once the client has gone, nobody reads the result.
    if (!signal.aborted) onError(err);
    return toolError('Something unexpected went wrong in this server. Try again.');
  }
}

async function resultOf(response: ApiResponse, onProgress: ToolCall['onProgress']): Promise<CallToolResult> {
  const type = contentType(response);
  switch (type) {
    case 'application/json':
      return asJson(parsedJson(await readBytes(response)));
    case 'text/event-stream':
      return asJson(await readChatEvents(response, onProgress));
    case 'image/png': {
      const data = (await readBytes(response)).toString('base64');
      return { content: [{ type: 'image', mimeType: type, data }] };
    }
    default:
      throw new ToolFailure(`The API responded with an unexpected type of content: ${type || 'none'}.`);
  }
}

const object = z.record(z.string(), z.unknown());

/** The data and nothing else; as text, too, since older clients do not read `structuredContent`. */
function asJson(value: unknown): CallToolResult {
  const { data: structuredContent } = object.safeParse(value);
  if (structuredContent === undefined) throw new ToolFailure('The API responded with invalid JSON.');
  return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
}
