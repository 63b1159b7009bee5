import { Injectable, type OnModuleInit, RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { DECLARATION } from './declarations.js';

/** Stops the start when a route does not say who may call it: what nobody declared is closed, and found at once. */
@Injectable()
export class DeclaredRoutes implements OnModuleInit {
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
        const isDeclared = this.reflector.getAllAndOverride(DECLARATION, [handler, controller]) !== undefined;
        return isDeclared ? [] : [this.#nameOf(handler, controller, `${controller.name}.${name}`)];
      });
    });
    if (undeclared.length === 0) return;
    throw new Error(
      `Say who may call ${undeclared.join(', ')}: add @Capabilities(...), @AnyValidKey() or @Public().`,
    );
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
