import { SetMetadata, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Capability } from '#libs/capabilities';
import { type Called, callerOf } from './caller.js';

/** Who may call a route. Every route declares it with one of the decorators below; one that does not stops the start. */
export type Declaration =
  | { readonly opens: 'to everybody' }
  | { readonly opens: 'to any valid key' }
  | { readonly opens: 'to capabilities'; readonly required: readonly Capability[] };

/** The metadata key of the declaration of a handler or controller. */
export const DECLARATION = Symbol('le-bureau:declaration');

/** Opens a route, or a whole controller, to keys that have all of these capabilities. */
export function Capabilities(...required: [Capability, ...Capability[]]): MethodDecorator & ClassDecorator {
  return SetMetadata(DECLARATION, { opens: 'to capabilities', required } satisfies Declaration);
}

/** Opens a route to every valid key, whatever its capabilities. */
export function AnyValidKey(): MethodDecorator & ClassDecorator {
  return SetMetadata(DECLARATION, { opens: 'to any valid key' } satisfies Declaration);
}

/** Opens a route to everyone, without a key. */
export function Public(): MethodDecorator & ClassDecorator {
  return SetMetadata(DECLARATION, { opens: 'to everybody' } satisfies Declaration);
}

/** The {@link Principal} that makes the request, as a handler's parameter. Throws on a public route, which has none. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext) =>
  callerOf(context.switchToHttp().getRequest<Called>()),
);
