import { join } from 'node:path';
import type { Type } from '@nestjs/common';
import { getMetadataStorage } from 'class-validator';
import fc from 'fast-check';
import * as dashboardKeys from '../../../apps/dashboard/src/keys/requests.js';
import * as signIn from '../../../apps/dashboard/src/sign-in/requests.js';
import * as page from '../../../apps/gateway/src/fields/page.js';
import { UPSTREAM_NAMES } from '../../../apps/gateway/src/upstream-routes.js';
import * as manage from '../../../apps/keys/src/management-api/requests.js';
import { ActivityReportBody } from '../../../apps/keys/src/verification-rpc/activity-report.js';
import { UsedReportBody } from '../../../apps/keys/src/verification-rpc/used-report.js';
import { hostileText } from './hostile-text.js';

/** The requests of all services behind the gateway. */
const GATEWAY = join(import.meta.dirname, '../../../apps/gateway/src');
const forwarded = await Promise.all(
  UPSTREAM_NAMES.map(async (name): Promise<unknown[]> => {
    const module: object = await import(join(GATEWAY, name, 'requests.js'));
    return Object.values(module);
  }),
);

const EXPORTED: unknown[] = [
  ...[dashboardKeys, signIn, page, manage].flatMap((module) => Object.values(module)),
  ...forwarded.flat(),
];

/** The fields of a class, by its decorators. */
function fieldsOf(dto: Type): string[] {
  const metadata = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
  return [...new Set(metadata.map(({ propertyName }) => propertyName))];
}

function isDto(exported: unknown): exported is Type {
  return typeof exported === 'function' && String(exported).startsWith('class ');
}

/** Every class that a body, a query or the parameters of a path become, with its fields. */
export const DTOS: readonly { readonly dto: Type; readonly fields: readonly string[] }[] = [
  ...EXPORTED.filter(isDto),
  ActivityReportBody,
  UsedReportBody,
].map((dto) => ({ dto, fields: fieldsOf(dto) }));

/** The maximum length of a body at keys and the dashboard, and of any query, in characters. */
const BODY = 16 * 1024;

/** Values, of which a body may have at most 1,200. */
const values = fc.oneof(
  { weight: 8, arbitrary: hostileText(BODY) },
  { weight: 1, arbitrary: fc.jsonValue() },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(1190), fc.jsonValue()).map(([length, of]) => Array(length).fill(of)),
  },
  { weight: 1, arbitrary: fc.array(hostileText(200), { maxLength: 60 }) },
  { weight: 1, arbitrary: fc.dictionary(hostileText(40), hostileText(40), { maxKeys: 60 }) },
);

/** An object for each class, with its fields, and sometimes others. */
export const requests: fc.Arbitrary<{ readonly dto: Type; readonly value: unknown }> = fc
  .constantFrom(...DTOS)
  .chain(({ dto, fields }) =>
    fc.record({
      dto: fc.constant(dto),
      value: fc.oneof(
        { weight: 6, arbitrary: fc.record(Object.fromEntries(fields.map((name) => [name, values]))) },
        {
          weight: 1,
          arbitrary: fc.dictionary(fc.oneof(hostileText(60), fc.constantFrom(...fields)), values),
        },
        {
          weight: 1,
          arbitrary: fc
            .nat(1900)
            .map((count) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, i]))),
        },
      ),
    }),
  )
  // As the parser creates it.
  .map(({ dto, value }) => ({ dto, value: JSON.parse(JSON.stringify(value)) }));
