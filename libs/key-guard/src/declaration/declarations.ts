import {
  type CanActivate,
  SetMetadata,
  type Type,
  createParamDecorator,
  type ExecutionContext,
} from '@nestjs/common';
import { type Called, type Declaration, optionalCallerOf } from '#libs/key-verifier';
import type { Capability } from '../index.js';

/** Who may call a route, or that another guard decides that. */
export type RouteDeclaration =
  Declaration | { readonly opens: 'to another guard'; readonly guard: Type<CanActivate> };

/** A decorator of a route, or of a controller for all of its routes. */
type Declares = MethodDecorator & ClassDecorator;

/**
 * The metadata key of the declaration of a handler or controller: registered, so that it is one even if a process has
 * loaded this library twice. Every guarded route has one, or the application does not start.
 */
export const DECLARATION = Symbol.for('le-bureau:declaration');

/** Opens a route, or a whole controller, to keys that have all of these capabilities. */
export function Capabilities(...required: [Capability, ...Capability[]]): Declares {
  return declare({ opens: 'to capabilities', required });
}

/** Opens a route, or a whole controller, to keys that have at least one of these capabilities. */
export function AnyOf(...accepted: [Capability, ...Capability[]]): Declares {
  return declare({ opens: 'to any capability of', accepted });
}

/** Opens a route, or a whole controller, to every valid key, whatever its capabilities. */
export function AnyValidKey(): Declares {
  return declare({ opens: 'to any valid key' });
}

/** Opens a route, or a whole controller, to everyone; but a key that is sent must be valid. Without one, there is no caller. */
export function OptionalKey(): Declares {
  return declare({ opens: 'with or without a key' });
}

/** Opens a route, or a whole controller, to everyone, without a key. */
export function Public(): Declares {
  return declare({ opens: 'to everybody' });
}

/** Leaves a route, or a whole controller, to another guard. It must be there, or the application does not start. */
export function GuardedBy(guard: Type<CanActivate>): Declares {
  return declare({ opens: 'to another guard', guard });
}

function declare(declaration: RouteDeclaration): Declares {
  return SetMetadata(DECLARATION, declaration);
}

/** Where the arguments of a handler have an object of its request alone, by the kind of the handler. */
export const CARRIER_INDEX: Readonly<Record<string, number>> = { http: 0, graphql: 2, rpc: 1, ws: 1 };

/**
 * The `Principal` that makes the request, as a handler's parameter: undefined without a key where that is optional. Throws on
 * a public route, which has none.
 */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext) =>
  optionalCallerOf(context.getArgByIndex<Called>(CARRIER_INDEX[context.getType<string>()] ?? 0)),
);
