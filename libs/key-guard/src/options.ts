import type { CanActivate, ExecutionContext, Type } from '@nestjs/common';
import { z } from 'zod';
import {
  type GuardedRequest,
  type GuardedResponse,
  type VerifierOptions,
  callback,
  verifierOptions,
} from '#libs/key-verifier';

/** The options of the guard. They may come from a factory: see `KeyGuardModule.forRootAsync`. */
export interface KeyGuardOptions extends VerifierOptions {
  /**
   * Reads the body of a request, for an application without a body parser before its guards. It is called once the key is
   * found valid and within its limits; when it has resolved, the key is checked again, since a body may take long. Undefined
   * if there is nothing to wait for; a rejection goes to the application's exception filters.
   */
  readonly readBody?: ((context: ExecutionContext) => Promise<void> | undefined) | undefined;
  /**
   * Throw a `KeyGuardException` (an `HttpException` of Nest) instead of answering, for exception filters of your own to
   * word. A flood of forged keys then costs more.
   */
  readonly throwsRefusals?: boolean | undefined;
  /**
   * Where GraphQL resolvers and handlers of messages and WebSockets have the request with the key. Without it, none of them
   * can be guarded. Their refusals are thrown, as `KeyGuardException`.
   */
  readonly requestOf?: ((context: ExecutionContext) => CarriedRequest) | undefined;
  /**
   * The admitted request that a request is a part of, where the application sends requests to itself, such as one for each
   * item of a batch. A part has the caller of the whole, whose key is checked again, and must satisfy its own declaration;
   * it is neither counted nor recorded. Never decide this by what a client has sent.
   */
  readonly partOf?: ((request: GuardedRequest) => GuardedRequest | undefined) | undefined;
}

/** What is known before the options are: it decides how the module is made. */
export interface KeyGuardExtras {
  /** Whether every route is guarded. Otherwise those are that `@UseGuards(KeyGuard)` guards. Default: true. */
  readonly global: boolean;
  /** Declarations for controllers that are not yours: `[[PrometheusController, Public()]]`. Default: none. */
  readonly declare: readonly (readonly [controller: Type, declaration: ClassDecorator])[];
}

/** The request that a message or a GraphQL query came with, or one made of what it contains. */
export interface CarriedRequest {
  /** Its `headers` have the `authorization`. Express's and Fastify's requests fit. */
  readonly req: GuardedRequest;
  /** Express's or Fastify's response, if there is one: a stream is then cut off when its key is revoked. */
  readonly res?: GuardedResponse | undefined;
}

/** A guard, as `@UseGuards` takes it. */
export type GuardClass = Type<CanActivate>;

export const KEY_GUARD_OPTIONS = Symbol.for('le-bureau:key-guard-options');
export const KEY_GUARD_EXTRAS = Symbol.for('le-bureau:key-guard-extras');

/** What options must look like. */
export const keyGuardOptions = verifierOptions.extend({
  readBody: callback,
  throwsRefusals: z.boolean('must be true or false').optional(),
  requestOf: callback,
  partOf: callback,
});
