import { SetMetadata, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type Called, type Declaration, callerOf } from '#libs/key-verifier';

/** The metadata key of the declaration of a handler or controller. Every route has one, or the application does not start. */
export const DECLARATION = Symbol('le-bureau:declaration');

/** Opens a route, or a whole controller, to keys that have all of these capabilities. */
export function Capabilities(...required: [string, ...string[]]): MethodDecorator & ClassDecorator {
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
