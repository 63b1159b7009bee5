import { Reflector } from '@nestjs/core';
import type * as z from 'zod/mini';
import type { MANAGE_CODES } from '#libs/keys-contract';
import type { COMMON_CODES } from '#libs/problems';

/** What openapi.keys.json says of a route, besides what its parameters say. */
export interface RouteDescription {
  /** The group of routes and a name in it: `keys_revoke`. Generated clients name their functions after it. */
  readonly id: string;
  readonly summary: string;
  /** The schema of its answer. */
  readonly answer: z.ZodMiniType;
  /** What it says no with, besides what every route does. */
  readonly problems?: readonly (keyof typeof COMMON_CODES | keyof typeof MANAGE_CODES)[];
}

/** The description of a route, for the script that writes the document. */
export const RouteDescription = Reflector.createDecorator<RouteDescription>();

/** Describes a route, which must return what its answer's schema says. A route without it fails the document's test. */
export function ApiRoute<Answer extends z.ZodMiniType>(description: RouteDescription & { answer: Answer }) {
  return <Method extends (...parameters: never[]) => z.output<Answer> | Promise<z.output<Answer>>>(
    target: object,
    name: string | symbol,
    method: TypedPropertyDescriptor<Method>,
  ): void => {
    RouteDescription(description)(target, name, method);
  };
}
