import { type JsonSchema, OPERATIONS, type Operation, isObject, resolved } from './api-document.js';
import { type Argument, inputSchemaOf, outputSchemaOf } from './schemas.js';
import { TOOL_DEFINITIONS, type ToolDefinition, type ToolHints } from './tool-definitions.js';

/** A request to the public API. */
export interface ApiRequest {
  readonly method: string;
  /** Encoded, with its query. */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

/** A tool: what clients see of it, and the request that it stands for. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly hints: ToolHints;
  /** The one that a key needs for it. */
  readonly capability: string;
  /** The service behind the gateway that has its route: `desktops`. */
  readonly service: string;
  readonly inputSchema: JsonSchema;
  /** Undefined if it returns a picture. */
  readonly outputSchema: JsonSchema | undefined;
  /** Whether the route can stream its response, as events. */
  readonly canStream: boolean;
  readonly method: string;
  /** `/v1/desktops/{desktopId}/click` */
  readonly path: string;
  readonly arguments: readonly Argument[];
}

/** Every tool, in the order in which clients see them. */
export const TOOLS: readonly Tool[] = TOOL_DEFINITIONS.map(toolOf);

/** Whether a key with these capabilities may use a tool. */
export function mayUse(capabilities: readonly string[], { capability }: Tool): boolean {
  return capabilities.includes(capability);
}

/** The name of a tool's route in openapi.json, which may call an argument differently: `GET /v1/desktops/{id}`. */
export function operationName({ route }: ToolDefinition): string {
  const shape = (name: string): string => name.replace(/\{\w+\}/g, '{}');
  const found = [...OPERATIONS.keys()].find((name) => shape(name) === shape(route));
  if (found === undefined) throw new TypeError(`openapi.json has no route ${route}`);
  return found;
}

function toolOf(definition: ToolDefinition): Tool {
  const { name, route, description, hints } = definition;
  const operation = OPERATIONS.get(operationName(definition));
  const [method, path] = route.split(' ');
  if (operation === undefined || method === undefined || path === undefined)
    throw new TypeError(`${name} has no route`);
  const [capability, ...others] = operation['x-capabilities'];
  if (capability === undefined || others.length > 0)
    throw new TypeError(`${route} must need exactly one capability to be a tool`);
  const { arguments: taken, inputSchema, canStream } = inputSchemaOf(operation, placeholders(path));
  return {
    name,
    title: operation.summary,
    description,
    hints,
    capability,
    service: path.split('/')[2] ?? '',
    inputSchema,
    outputSchema: outputSchemaOf(answerOf(operation)),
    canStream,
    method,
    path,
    arguments: taken,
  };
}

function placeholders(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}

/** The schema of a successful response, if that is JSON. */
function answerOf({ responses }: Operation): JsonSchema | undefined {
  const [, success] = Object.entries(responses).find(([status]) => status.startsWith('2')) ?? [];
  const { schema } = success?.content?.['application/json'] ?? {};
  return isObject(schema) ? resolved(schema) : undefined;
}
