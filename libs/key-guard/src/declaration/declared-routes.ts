import { type ExecutionContext, Injectable, type OnModuleInit, RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { ApplicationConfig, DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { type DeclaredRoute, type Declaration, routeName } from '#libs/key-verifier';
import { DECLARATION } from './declarations.js';

/** A method, or the controller that has it. */
type Handler = ReturnType<ExecutionContext['getHandler']> | ReturnType<ExecutionContext['getClass']>;

/**
 * Nest's metadata of handlers that are not called by HTTP, and so without a key. By name, since the packages that they
 * belong to may not be installed.
 */
const OTHER_HANDLERS = new Map([
  ['microservices:pattern', 'messages'],
  ['websockets:message_mapping', 'WebSocket messages'],
  ['graphql:resolver_type', 'GraphQL'],
]);

/**
 * The declarations of routes about who may call them. A route without one stops the start, so that it is found at once.
 */
@Injectable()
export class DeclaredRoutes implements OnModuleInit {
  readonly #known = new Map<object, Map<object, DeclaredRoute>>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
    private readonly config: ApplicationConfig,
  ) {}

  /** Throws an error that names each undeclared route, and each handler that is not called by HTTP. */
  onModuleInit(): void {
    const others = this.#otherHandlers();
    if (others.length > 0) {
      throw new Error(
        `API keys guard HTTP routes only, not ${others.join(', ')}. Guard each yourself, and declare it with @Public().`,
      );
    }
    const undeclared = this.#routes().flatMap(({ name, handler, controller }) =>
      this.#read(handler, controller) === undefined ? [`${this.#nameOf(handler, controller)} (${name})`] : [],
    );
    if (undeclared.length === 0) return;
    throw new Error(
      `Say who may call ${undeclared.join(', ')}: add @Capabilities(...), @AnyValidKey() or @Public().`,
    );
  }

  /** The declaration of each route, by the names of its controller and method: `MeController.me`. */
  declarations(): ReadonlyMap<string, Declaration> {
    return new Map(
      this.#routes().flatMap(({ name, handler, controller }) => {
        const declaration = this.#read(handler, controller);
        return declaration === undefined ? [] : [[name, declaration]];
      }),
    );
  }

  /** The route, if it has a declaration. It is cached, since it never changes and computing it takes longer. */
  routeOf(context: ExecutionContext): DeclaredRoute | undefined {
    const [handler, controller] = [context.getHandler(), context.getClass()];
    // Controllers with different declarations may inherit the same handler.
    const known = this.#known.get(controller)?.get(handler);
    if (known !== undefined) return known;
    const declaration = this.#read(handler, controller);
    if (declaration === undefined) return undefined;
    const ofController = this.#known.get(controller) ?? new Map<object, DeclaredRoute>();
    const name = this.#nameOf(handler, controller);
    const route = { name, hasManyNames: this.#hasManyNames(handler), declaration };
    this.#known.set(controller, ofController.set(handler, route));
    return route;
  }

  #read(...declaring: Handler[]): Declaration | undefined {
    return this.reflector.getAllAndOverride<Declaration | undefined>(DECLARATION, declaring);
  }

  /** Handlers that are not called by HTTP, except those that are declared public, by name and kind. */
  #otherHandlers(): string[] {
    const found = [...this.discovery.getControllers(), ...this.discovery.getProviders()];
    return this.#handlersOf(found.map(({ metatype }) => metatype)).flatMap(
      ({ name, handler, controller }) => {
        const kind = [...OTHER_HANDLERS].find(([key]) => Reflect.hasMetadata(key, handler))?.[1];
        const isPublic = this.#read(handler, controller)?.opens === 'to everybody';
        return kind === undefined || isPublic ? [] : [`${name} (${kind})`];
      },
    );
  }

  #routes(): { name: string; handler: Handler; controller: Handler }[] {
    const controllers = this.discovery.getControllers().map(({ metatype }) => metatype);
    return this.#handlersOf(controllers).filter(({ handler }) => this.#isRoute(handler));
  }

  #handlersOf(classes: readonly unknown[]): { name: string; handler: Handler; controller: Handler }[] {
    return classes.flatMap((controller) => {
      if (typeof controller !== 'function') return [];
      const prototype: unknown = controller.prototype;
      if (!isRecord(prototype)) return [];
      return this.scanner.getAllMethodNames(prototype).flatMap((method) => {
        const handler = prototype[method];
        if (typeof handler !== 'function') return [];
        return [{ name: `${controller.name}.${method}`, handler, controller }];
      });
    });
  }

  #isRoute(handler: object): boolean {
    return Reflect.hasMetadata(METHOD_METADATA, handler);
  }

  #hasManyNames(handler: object): boolean {
    const isForAllMethods = Reflect.getMetadata(METHOD_METADATA, handler) === RequestMethod.ALL;
    return isForAllMethods || this.config.getVersioning() !== undefined;
  }

  #nameOf(handler: object, controller: object): string {
    const verb = RequestMethod[Number(Reflect.getMetadata(METHOD_METADATA, handler))];
    const declared = [controller, handler].map((declares) =>
      String(Reflect.getMetadata(PATH_METADATA, declares) ?? ''),
    );
    const path = [this.config.getGlobalPrefix(), ...declared]
      .flatMap((part) => part.split('/'))
      .filter((part) => part !== '')
      .join('/');
    return routeName(verb ?? '', path);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
