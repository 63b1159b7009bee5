import { RequestMethod, type Type } from '@nestjs/common';
import { GUARDS_METADATA, METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import type { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { GuardClass } from '../options.js';

/** How a handler is called. */
export type HandlerKind = 'HTTP' | 'GraphQL' | 'messages' | 'WebSocket messages';

/** A method that is called from outside in one way, and the class that has it. */
export interface Handler {
  readonly method: object;
  readonly controller: Type;
  /** `ReportsController.list`. */
  readonly name: string;
  readonly kind: HandlerKind;
}

/** Nest's metadata of handlers. By name, since the packages that they belong to may not be installed. */
const KINDS: readonly (readonly [key: string, kind: HandlerKind])[] = [
  [METHOD_METADATA, 'HTTP'],
  ['graphql:resolver_type', 'GraphQL'],
  ['microservices:pattern', 'messages'],
  ['websockets:message_mapping', 'WebSocket messages'],
];

/** All handlers of an application. */
export function handlersOf(discovery: DiscoveryService, scanner: MetadataScanner): Handler[] {
  const controllers = discovery.getControllers().map(({ metatype }) => metatype);
  const providers = discovery.getProviders().map(({ metatype }) => metatype);
  return [...new Set([...controllers, ...providers])].flatMap((found) => {
    if (!isClass(found)) return [];
    const prototype: unknown = found.prototype;
    if (!isRecord(prototype)) return [];
    return scanner.getAllMethodNames(prototype).flatMap((name) => {
      const method = prototype[name];
      if (typeof method !== 'function') return [];
      return kindsOf(method)
        .filter((kind) => kind !== 'HTTP' || controllers.includes(found)) // other classes' routes are not called
        .map((kind) => ({ method, controller: found, name: `${found.name}.${name}`, kind }));
    });
  });
}

/** How a method is called: in several ways, if it is declared so. */
export function kindsOf(method: object): HandlerKind[] {
  return KINDS.flatMap(([key, kind]) => (Reflect.hasMetadata(key, method) ? [kind] : []));
}

/** The HTTP method of a handler. */
export function verbOf(method: object): string {
  return RequestMethod[Number(Reflect.getMetadata(METHOD_METADATA, method))] ?? '';
}

/** The path that a handler or a controller declares. */
export function pathOf(declaring: object): string {
  return String(Reflect.getMetadata(PATH_METADATA, declaring) ?? '');
}

/** What `@UseGuards` has put on the handler and its class: guards, or their classes. */
export function guardsOn({ method, controller }: Handler): unknown[] {
  return [method, controller].flatMap((guarded): unknown[] => {
    const guards: unknown = Reflect.getMetadata(GUARDS_METADATA, guarded);
    return Array.isArray(guards) ? guards : [];
  });
}

/** Whether one of `guards`, or its class, is of class `wanted`. */
export function includesGuard(guards: readonly unknown[], wanted: GuardClass): boolean {
  return guards.some(
    (guard) =>
      guard === wanted || guard instanceof wanted || (isClass(guard) && guard.prototype instanceof wanted),
  );
}

function isClass(value: unknown): value is Type {
  return typeof value === 'function';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
