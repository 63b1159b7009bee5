import { upstreamSetting } from '../../apps/gateway/src/gateway-settings.js';
import { UPSTREAM_NAMES } from '../../apps/gateway/src/upstream-routes.js';

/** A route of the public API and its capability, written by hand: this is what the product promises. */
export interface PromisedRoute {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** As in OpenAPI. */
  readonly template: string;
  readonly path: string;
  /** The capability, or `any valid key`. */
  readonly needs: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

const place = { x: 10, y: 20 };
const line = { fromX: 1, fromY: 2, toX: 3, toY: 4 };
const job = { name: 'Report', desktopId: 'desk-1', prompt: 'Write the report.', cron: '0 9 * * 1-5' };

export const PROMISED_ROUTES: readonly PromisedRoute[] = [
  route('GET', '/v1/me', 'any valid key'),
  route('GET', '/v1/desktops', 'desktop:read'),
  route('GET', '/v1/desktops/{id}', 'desktop:read'),
  route('POST', '/v1/desktops/{id}/start', 'desktop:lifecycle'),
  route('POST', '/v1/desktops/{id}/stop', 'desktop:lifecycle'),
  route('POST', '/v1/desktops/{id}/restart', 'desktop:lifecycle'),
  route('POST', '/v1/desktops/{id}/click', 'desktop:control', place),
  route('POST', '/v1/desktops/{id}/drag', 'desktop:control', line),
  route('POST', '/v1/desktops/{id}/scroll', 'desktop:control', place),
  route('POST', '/v1/desktops/{id}/type', 'desktop:control', { text: 'hello' }),
  route('POST', '/v1/desktops/{id}/key', 'desktop:control', { keys: ['ctrl', 'c'] }),
  route('POST', '/v1/desktops/{id}/bash', 'desktop:control', { command: 'ls' }),
  route('POST', '/v1/desktops/{id}/exec', 'desktop:control', { argv: ['ls', '-l'] }),
  route('POST', '/v1/desktops/{id}/python', 'desktop:control', { code: 'print(1)' }),
  route('GET', '/v1/desktops/{id}/screenshot', 'desktop:control'),
  route('POST', '/v1/desktops/{id}/chat', 'desktop:chat', { message: 'Hello.' }),
  route('GET', '/v1/schedules', 'schedule:read'),
  route('GET', '/v1/schedules/{id}', 'schedule:read'),
  route('POST', '/v1/schedules', 'schedule:write', job),
  route('PATCH', '/v1/schedules/{id}', 'schedule:write', { paused: true }),
  route('POST', '/v1/schedules/{id}/run', 'schedule:write'),
  route('GET', '/v1/kb/search', 'kb:read', undefined, '?q=invoices'),
  route('GET', '/v1/kb/notes/{path}', 'kb:read'),
];

/** The settings of a gateway that has all its services at `url`. */
export function upstreamsAt(url: string): Record<string, string> {
  return Object.fromEntries(UPSTREAM_NAMES.map((name) => [upstreamSetting(name), url]));
}

function route(
  method: PromisedRoute['method'],
  template: string,
  needs: PromisedRoute['needs'],
  body?: PromisedRoute['body'],
  query = '',
): PromisedRoute {
  const path = template.replace('{id}', 'desk-1').replace('{path}', 'projects/2026%20plan.md') + query;
  return { method, template, path, needs, ...(body !== undefined && { body }) };
}
