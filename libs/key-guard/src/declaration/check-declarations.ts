import type { GuardClass } from '../options.js';
import type { RouteDeclaration } from './declarations.js';
import { type Handler, guardsOn, includesGuard } from './handlers.js';

/** A handler with what it declares. */
export interface DeclaredHandler extends Handler {
  /** `GET /reports/:id` */
  readonly route: string;
  readonly declaration: RouteDeclaration | undefined;
}

/** How the application is guarded. */
export interface Guarding {
  readonly keyGuard: GuardClass;
  /** Whether it guards all HTTP routes and GraphQL resolvers. */
  readonly isGlobal: boolean;
  /** Guards of all HTTP routes and GraphQL resolvers. Nest runs none of them for messages and WebSockets. */
  readonly globalGuards: readonly unknown[];
  /** Whether the option `requestOf` says where the key is of what is not called by HTTP. */
  readonly findsRequests: boolean;
}

/** A sentence for each handler that is not, or cannot be, guarded as it declares. */
export function mistakesIn(handlers: readonly DeclaredHandler[], guarding: Guarding): string[] {
  return handlers.flatMap((handler) => mistakeIn(handler, guarding) ?? []);
}

function mistakeIn(handler: DeclaredHandler, guarding: Guarding): string | undefined {
  const { declaration, kind } = handler;
  const title = titleOf(handler);
  const hasGlobalGuards = kind === 'HTTP' || kind === 'GraphQL';
  const guards = [...guardsOn(handler), ...(hasGlobalGuards ? guarding.globalGuards : [])];
  const isGuarded = (hasGlobalGuards && guarding.isGlobal) || includesGuard(guards, guarding.keyGuard);
  switch (declaration?.opens) {
    case 'to everybody':
      return undefined;
    case 'to another guard': {
      const { guard } = declaration;
      return includesGuard(guards, guard)
        ? undefined
        : `${title} is declared @GuardedBy(${guard.name}), but ${guard.name} does not guard it: add @UseGuards(${guard.name}).`;
    }
    case undefined:
      if (!isGuarded && !guarding.isGlobal) return undefined;
      if (kind !== 'HTTP' && !guarding.findsRequests) return unreachable(handler);
      return `Say who may call ${title}: add @Capabilities(...), @AnyValidKey() or @Public().`;
    case 'to any valid key':
    case 'with or without a key':
    case 'to capabilities':
    case 'to any capability of':
      if (kind !== 'HTTP' && !guarding.findsRequests) return unreachable(handler);
      return isGuarded ? undefined : unguarded(handler, hasGlobalGuards);
  }
}

/** `GET /reports (ReportsController.list)` */
function titleOf({ kind, name, route }: DeclaredHandler): string {
  return kind === 'HTTP' ? `${route} (${name})` : `${name} (${kind})`;
}

/** Nobody has said where its key is. */
function unreachable(handler: DeclaredHandler): string {
  return `API keys guard HTTP routes only, not ${titleOf(handler)}. Say with the option requestOf where its key is; or guard it yourself, and declare it with @GuardedBy(...) or @Public().`;
}

function unguarded(handler: DeclaredHandler, hasGlobalGuards: boolean): string {
  const why = hasGlobalGuards ? '' : ', since Nest runs no global guard for it';
  return `${titleOf(handler)} requires a key, but KeyGuard does not guard it: add @UseGuards(KeyGuard)${why}.`;
}
