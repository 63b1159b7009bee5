import { type ExecutionContext, Injectable, type OnModuleInit, RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { DECLARATION, type Declaration } from './declarations.js';

/**
 * What routes say about who may call them. Stops the start when one does not: what nobody declared is closed, and found
 * at once.
 */
@Injectable()
export class DeclaredRoutes implements OnModuleInit {
  readonly #known = new Map<object, Map<object, Declaration>>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  /** Throws an error that names each undeclared route. */
  onModuleInit(): void {
    const undeclared = this.discovery.getControllers().flatMap(({ metatype: controller }) => {
      if (typeof controller !== 'function') return [];
      const prototype: unknown = controller.prototype;
      if (!isRecord(prototype)) return [];
      return this.scanner.getAllMethodNames(prototype).flatMap((name) => {
        const handler = prototype[name];
        if (typeof handler !== 'function' || !this.#isRoute(handler)) return [];
        const isDeclared = this.#read(handler, controller) !== undefined;
        return isDeclared ? [] : [this.#nameOf(handler, controller, `${controller.name}.${name}`)];
      });
    });
    if (undeclared.length === 0) return;
    throw new Error(
      `Say who may call ${undeclared.join(', ')}: add @Capabilities(...), @AnyValidKey() or @Public().`,
    );
  }

  /** What the route declares. It never changes, and looking it up takes longer than remembering it. */
  declarationOf(context: ExecutionContext): Declaration | undefined {
    const [handler, controller] = [context.getHandler(), context.getClass()];
    // A handler may be inherited by controllers that declare different things.
    const known = this.#known.get(controller)?.get(handler);
    if (known !== undefined) return known;
    const declaration = this.#read(handler, controller);
    if (declaration === undefined) return undefined;
    const ofController = this.#known.get(controller) ?? new Map<object, Declaration>();
    this.#known.set(controller, ofController.set(handler, declaration));
    return declaration;
  }

  #read(
    ...declaring: (ReturnType<ExecutionContext['getHandler']> | ReturnType<ExecutionContext['getClass']>)[]
  ): Declaration | undefined {
    return this.reflector.getAllAndOverride<Declaration | undefined>(DECLARATION, declaring);
  }

  #isRoute(handler: object): boolean {
    return Reflect.hasMetadata(METHOD_METADATA, handler);
  }

  #nameOf(handler: object, controller: object, method: string): string {
    const verb = RequestMethod[Number(Reflect.getMetadata(METHOD_METADATA, handler))];
    const path = [controller, handler]
      .flatMap((declares) => String(Reflect.getMetadata(PATH_METADATA, declares) ?? '').split('/'))
      .filter((part) => part !== '')
      .join('/');
    return `${verb} /${path} (${method})`;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
