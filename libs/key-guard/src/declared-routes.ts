import { type ExecutionContext, Injectable, type OnModuleInit, RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { ApplicationConfig, DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { DECLARATION, type Declaration } from './declarations.js';
import { routeName } from './route-name.js';

/** A method, or the controller that has it. */
type Handler = ReturnType<ExecutionContext['getHandler']> | ReturnType<ExecutionContext['getClass']>;

/** A route, as the guard needs it. */
export interface DeclaredRoute {
  /** Its method and pattern: `GET /v1/desktops/:id`. */
  readonly name: string;
  /** Whether requests come to it by several methods or versions, so that each tells the name it was called by. */
  readonly hasManyNames: boolean;
  readonly declaration: Declaration;
}

/**
 * What routes say about who may call them. Stops the start when one does not: what nobody declared is closed, and found
 * at once.
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

  /** Throws an error that names each undeclared route. */
  onModuleInit(): void {
    const undeclared = this.#routes().flatMap(({ name, handler, controller }) =>
      this.#read(handler, controller) === undefined ? [`${this.#nameOf(handler, controller)} (${name})`] : [],
    );
    if (undeclared.length === 0) return;
    throw new Error(
      `Say who may call ${undeclared.join(', ')}: add @Capabilities(...), @AnyValidKey() or @Public().`,
    );
  }

  /** What each route declares, by the names of its controller and its method: `MeController.me`. */
  declarations(): ReadonlyMap<string, Declaration> {
    return new Map(
      this.#routes().flatMap(({ name, handler, controller }) => {
        const declaration = this.#read(handler, controller);
        return declaration === undefined ? [] : [[name, declaration]];
      }),
    );
  }

  /** The route, if it declares something. It never changes, and looking it up takes longer than remembering it. */
  routeOf(context: ExecutionContext): DeclaredRoute | undefined {
    const [handler, controller] = [context.getHandler(), context.getClass()];
    // A handler may be inherited by controllers that declare different things.
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

  #routes(): { name: string; handler: Handler; controller: Handler }[] {
    return this.discovery.getControllers().flatMap(({ metatype: controller }) => {
      if (typeof controller !== 'function') return [];
      const prototype: unknown = controller.prototype;
      if (!isRecord(prototype)) return [];
      return this.scanner.getAllMethodNames(prototype).flatMap((method) => {
        const handler = prototype[method];
        if (typeof handler !== 'function' || !this.#isRoute(handler)) return [];
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
