import { type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { ApplicationConfig, DiscoveryService, MetadataScanner } from '@nestjs/core';
import { type DeclaredRoute, routeName } from '#libs/key-verifier';
import { KEY_GUARD_EXTRAS, type KeyGuardExtras } from '../options.js';
import type { DeclaredHandler } from './check-declarations.js';
import { DECLARATION, type RouteDeclaration } from './declarations.js';
import { type Handler, handlersOf, kindsOf, pathOf, verbOf } from './handlers.js';

/** A method and its class. */
type Place = Pick<Handler, 'method' | 'controller'>;

/** What a route is called where it is not called by HTTP. */
const VERBS = { GraphQL: 'GRAPHQL', messages: 'MESSAGE', 'WebSocket messages': 'WEBSOCKET' } as const;

/** The declarations of routes about who may call them. */
@Injectable()
export class DeclaredRoutes {
  readonly #known = new Map<object, Map<object, DeclaredRoute | 'open'>>();
  readonly #ofOthers: ReadonlyMap<object, RouteDeclaration>;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly config: ApplicationConfig,
    @Inject(KEY_GUARD_EXTRAS) extras: KeyGuardExtras,
  ) {
    this.#ofOthers = new Map(
      extras.declare.map(([controller, decorator]) => [controller, declarationOf(decorator)]),
    );
  }

  /** All handlers of the application, with what they declare. */
  handlers(): DeclaredHandler[] {
    return handlersOf(this.discovery, this.scanner).map((handler) => ({
      ...handler,
      route: this.#nameOf(handler),
      declaration: this.#read(handler),
    }));
  }

  /** The declaration of each HTTP route, by the names of its controller and method: `MeController.me`. */
  declarations(): ReadonlyMap<string, RouteDeclaration> {
    return new Map(
      this.handlers().flatMap(({ kind, name, declaration }) =>
        kind === 'HTTP' && declaration !== undefined ? [[name, declaration]] : [],
      ),
    );
  }

  /** Each route that needs a key, and not another guard. */
  guarded(): DeclaredRoute[] {
    return this.handlers().flatMap((handler) => {
      const route = this.#find(handler);
      return route === undefined || route === 'open' ? [] : [route];
    });
  }

  /** The route, `open` if it needs no key, or undefined if it has no declaration. */
  routeOf(context: ExecutionContext): DeclaredRoute | 'open' | undefined {
    const [method, controller] = [context.getHandler(), context.getClass()];
    // Controllers with different declarations may inherit the same handler. Cached, since it never changes.
    return this.#known.get(controller)?.get(method) ?? this.#find({ method, controller });
  }

  #find(place: Place): DeclaredRoute | 'open' | undefined {
    const declaration = this.#read(place);
    if (declaration === undefined) return undefined;
    const isOpen = declaration.opens === 'to everybody' || declaration.opens === 'to another guard';
    const hasManyNames = this.#hasManyNames(place);
    const route = isOpen ? 'open' : { name: this.#nameOf(place), hasManyNames, declaration };
    const ofController = this.#known.get(place.controller) ?? new Map<object, DeclaredRoute | 'open'>();
    this.#known.set(place.controller, ofController.set(place.method, route));
    return route;
  }

  #read({ method, controller }: Place): RouteDeclaration | undefined {
    return declarationOn(method) ?? declarationOn(controller) ?? this.#ofOthers.get(controller);
  }

  #hasManyNames({ method }: Place): boolean {
    return verbOf(method) === 'ALL' || this.config.getVersioning() !== undefined;
  }

  #nameOf({ method, controller }: Place): string {
    const [kind = 'HTTP'] = kindsOf(method);
    if (kind !== 'HTTP') return routeName(VERBS[kind], `${controller.name}.${nameIn(method)}`);
    const path = [this.config.getGlobalPrefix(), pathOf(controller), pathOf(method)]
      .flatMap((part) => part.split('/'))
      .filter((part) => part !== '')
      .join('/');
    return routeName(verbOf(method), path);
  }
}

function declarationOn(target: object): RouteDeclaration | undefined {
  const declared: unknown = Reflect.getMetadata(DECLARATION, target);
  return isDeclaration(declared) ? declared : undefined;
}

function isDeclaration(value: unknown): value is RouteDeclaration {
  return typeof value === 'object' && value !== null && 'opens' in value;
}

/** What a decorator declares. */
function declarationOf(decorator: ClassDecorator): RouteDeclaration {
  const probe = (): void => undefined;
  decorator(probe);
  const declaration = declarationOn(probe);
  if (declaration === undefined)
    throw new TypeError(
      'declare takes pairs of a controller and a declaration, such as [PrometheusController, Public()]',
    );
  return declaration;
}

function nameIn(method: object): string {
  return 'name' in method && typeof method.name === 'string' ? method.name : '';
}
