import { type ExecutionContext, Injectable } from '@nestjs/common';
import {
  type Called,
  type DeclaredRoute,
  type GuardedResponse,
  KeyVerifier,
  type Refused,
  optionalCallerOf,
  setCaller,
} from '#libs/key-verifier';
import { CARRIER_INDEX } from './declaration/declarations.js';
import type { CarriedRequest } from './options.js';

/** Where a message has no response. */
const NO_RESPONSE: GuardedResponse = { raw: undefined, header: () => undefined };

/**
 * Admits what is not called by HTTP: by the request that carries its key. A GraphQL query asks the guard for each of its
 * fields, and counts as one request. A message counts each time.
 */
@Injectable()
export class CarriedRequests {
  /** The first decision about each GraphQL request. */
  readonly #first = new WeakMap<object, Promise<Refused>>();

  constructor(private readonly verifier: KeyVerifier) {}

  /** Undefined if the handler may run: then it has a caller. */
  async admit(context: ExecutionContext, route: DeclaredRoute, carried: CarriedRequest): Promise<Refused> {
    const kind = context.getType<string>();
    const refused = await (kind === 'graphql'
      ? this.#admitField(route, carried)
      : this.#admit(route, carried));
    if (refused !== undefined) return refused;
    const carrier = context.getArgByIndex<unknown>(CARRIER_INDEX[kind] ?? 0);
    // So that @Caller() finds it. A message may be a bare text or number: then only callerOf does.
    if (isObject(carrier)) setCaller(carrier, optionalCallerOf(carried.req) ?? null);
    return undefined;
  }

  async #admit(route: DeclaredRoute, { req, res = NO_RESPONSE }: CarriedRequest): Promise<Refused> {
    return this.verifier.admission.admit(route, req, res);
  }

  async #admitField(route: DeclaredRoute, carried: CarriedRequest): Promise<Refused> {
    const known = this.#first.get(carried.req);
    if (known === undefined) {
      const first = this.#admit(route, carried);
      this.#first.set(carried.req, first);
      return first;
    }
    const first = await known;
    // Another field may need less. Whatever else is wrong with the request is wrong for all fields.
    if (first !== undefined && first.code !== 'insufficient_scope') return first;
    return this.verifier.admission.readmit(carried.req, route.declaration);
  }
}

function isObject(value: unknown): value is Called {
  return typeof value === 'object' && value !== null && Object.isExtensible(value);
}
