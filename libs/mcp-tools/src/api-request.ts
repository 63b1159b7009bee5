import type { ApiRequest, Tool } from './tool.js';
import { ToolFailure } from './tool-failure.js';

/** The request that a tool's arguments stand for. They must match its input schema. Throws {@link ToolFailure}. */
export function apiRequest(
  { method, path, arguments: taken, canStream }: Tool,
  given: Readonly<Record<string, unknown>>,
  stream: boolean,
): ApiRequest {
  const at = (place: 'query' | 'body'): [string, unknown][] =>
    taken.flatMap(({ name, place: where }) =>
      where === place && given[name] !== undefined ? [[name, given[name]]] : [],
    );
  const query = new URLSearchParams(
    at('query').map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  const body = { ...Object.fromEntries(at('body')), ...(canStream && stream && { stream }) };
  return {
    method,
    path:
      path.replace(/\{(\w+)\}/g, (_, name: string) => segments(name, String(given[name]))) +
      (query && `?${query}`),
    body: method === 'GET' ? undefined : body,
  };
}

/** What no part of a path may be: dots, even encoded, would lead to another route (URL Standard, dot segments). */
const UNSAFE = /^(?:(?:\.|%2e){1,2})?$|\p{Cs}/iu;

/** A note's path has several parts. */
function segments(name: string, value: string): string {
  const parts = name === 'path' ? value.split('/') : [value];
  if (parts.some((part) => UNSAFE.test(part)))
    throw new ToolFailure(
      `${name} must be valid text that is not empty, without empty parts and parts that are . or ..`,
    );
  return parts.map(encodeURIComponent).join('/');
}
