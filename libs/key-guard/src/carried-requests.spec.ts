import { beforeEach, describe, expect, it } from '@jest/globals';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { type Called, type Declaration, type GuardedRequest, callerOf } from '#libs/key-verifier';
import { openTestEngine, principal } from '#libs/key-verifier/testing';
import { CarriedRequests } from './carried-requests.js';

const reader = principal({ capabilities: ['invoices:read'] });
const READ: Declaration = { opens: 'to capabilities', required: ['invoices:read'] };
const WRITE: Declaration = { opens: 'to capabilities', required: ['invoices:write'] };

let carried: CarriedRequests;
beforeEach(async () => {
  carried = new CarriedRequests(await openTestEngine({ keys: { reader }, rateLimits: { perMinute: 2 } }));
});

function query(key: string): { req: GuardedRequest } & Called {
  return { req: { headers: { authorization: `Bearer ${key}` } } };
}

/** Resolves a field of a GraphQL query; returns the code of a refusal. */
async function resolve(
  context: { req: GuardedRequest },
  declaration: Declaration,
): Promise<string | undefined> {
  const host = new ExecutionContextHost([undefined, {}, context, {}]);
  host.setType('graphql');
  const refused = await carried.admit(
    host,
    { name: 'GRAPHQL /a', hasManyNames: false, declaration },
    context,
  );
  return refused?.code;
}

describe('a GraphQL query', () => {
  it('counts once, whatever its fields, which each need their capabilities', async () => {
    for (let i = 0; i < 2; i++) {
      const context = query('reader');
      const fields = [WRITE, READ, READ].map((declaration) => resolve(context, declaration));
      expect(await Promise.all(fields)).toEqual(['insufficient_scope', undefined, undefined]);
      expect(callerOf(context)).toEqual(reader);
    }
    const context = query('reader');
    expect(await Promise.all([resolve(context, READ), resolve(context, READ)])).toEqual([
      'rate_limited',
      'rate_limited',
    ]);
  });

  it('is refused as a whole if its key is invalid', async () => {
    const context = query('forged');
    expect(await Promise.all([resolve(context, READ), resolve(context, WRITE)])).toEqual([
      'invalid_token',
      'invalid_token',
    ]);
    expect(() => callerOf(context)).toThrow(TypeError);
  });
});
