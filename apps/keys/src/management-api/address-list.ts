import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { type ReadRange, readAddressRange } from '#libs/client-address';
import { Field } from '#libs/fields';
import { MAX_ALLOWED_IPS } from '#libs/keys-contract';

/**
 * IP addresses and networks, always written the same way, each once. An empty list is refused: to some it means nobody, and
 * to others anybody.
 */
export function IsAddressList(what: { one: string; many: string }): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => {
      const texts = read(value)?.map((range) => (range.outcome === 'range' ? range.text : undefined));
      return texts?.every((text) => text !== undefined) ? [...new Set(texts)] : value;
    }),
    Field({
      schema: { type: 'array', minItems: 1, maxItems: MAX_ALLOWED_IPS, items: { type: 'string' } },
      test: (value) => problemOf(value, what) === undefined,
      sentence: (value) => problemOf(value, what) ?? '',
    }),
  );
}

/** One IP address, always written the same way. */
export function IsAddress(what: string): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => readOne(value) ?? value),
    Field({
      schema: { type: 'string' },
      test: (value) => readOne(value) !== undefined,
      sentence: `${what} must be an IP address such as 203.0.113.7.`,
    }),
  );
}

function readOne(value: unknown): string | undefined {
  const range = typeof value === 'string' && !value.includes('/') ? readAddressRange(value) : undefined;
  return range?.outcome === 'range' ? range.text : undefined;
}

function problemOf(value: unknown, { one, many }: { one: string; many: string }): string | undefined {
  const ranges = read(value);
  if (ranges === undefined)
    return `${many} must be a list of 1 to ${MAX_ALLOWED_IPS} IP addresses and networks, or null for any address.`;
  const at = ranges.findIndex(({ outcome }) => outcome === 'refused');
  const refused = ranges[at];
  if (refused?.outcome !== 'refused') return undefined;
  return `${ranges.length === 1 ? one : `${one} ${at + 1}`} ${refused.problem}`;
}

function read(value: unknown): readonly ReadRange[] | undefined {
  if (!Array.isArray(value) || value.length < 1 || value.length > MAX_ALLOWED_IPS) return undefined;
  return value.map((text: unknown) => readAddressRange(typeof text === 'string' ? text : ''));
}
