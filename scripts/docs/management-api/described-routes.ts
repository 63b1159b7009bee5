import type { INestApplication } from '@nestjs/common';
import { ModulesContainer, Reflector } from '@nestjs/core';
import { RouteDescription } from '../../../apps/keys/src/management-api/api-route.js';

/** A route, as its controller describes it. */
export interface DescribedRoute {
  readonly description: RouteDescription;
  /** The names of the classes of its path, query and body. */
  readonly classes: readonly string[];
}

/** The routes that have an `@ApiRoute`, by controller and method: `KeysController.issue`. */
export function describedRoutes(app: INestApplication): ReadonlyMap<string, DescribedRoute> {
  const reflector = new Reflector();
  const routes = new Map<string, DescribedRoute>();
  const controllers = [...app.get(ModulesContainer).values()].flatMap((module) => [
    ...module.controllers.values(),
  ]);
  for (const { metatype } of controllers) {
    if (typeof metatype !== 'function') continue;
    const prototype: unknown = metatype.prototype;
    if (typeof prototype !== 'object' || prototype === null) continue;
    for (const method of Object.getOwnPropertyNames(prototype)) {
      const handler: unknown = Reflect.get(prototype, method);
      const description =
        typeof handler === 'function' ? reflector.get(RouteDescription, handler) : undefined;
      if (description === undefined) continue;
      routes.set(`${metatype.name}.${method}`, { description, classes: parameterTypes(prototype, method) });
    }
  }
  return routes;
}

/** What the compiler has recorded about the parameters of a decorated method. */
function parameterTypes(prototype: object, method: string): string[] {
  const types: unknown = Reflect.getMetadata('design:paramtypes', prototype, method);
  return Array.isArray(types) ? types.map((type: { name: string }) => type.name) : [];
}
