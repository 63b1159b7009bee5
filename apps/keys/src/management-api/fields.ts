import { applyDecorators } from '@nestjs/common';
import { type Capability, selectCapabilities } from '#libs/capabilities';
import { Field, NormalizedLine, Pattern } from '#libs/fields';
import { findKeyId } from '#libs/key-format';

/** The ID of an owner, as the dashboard has chosen it. */
export function IsOwnerId(): PropertyDecorator {
  return applyDecorators(
    NormalizedLine('Owner ID', { max: 200 }),
    Field({
      schema: {},
      sentence: 'Owner ID must not be . or ..',
      // In a URL they mean another place.
      test: (value) => value !== '.' && value !== '..',
    }),
  );
}

/** The ID of a key: 22 characters, or anything that contains it, such as `sk_live_<id>`. */
export function IsKeyId(what: string): PropertyDecorator {
  return Field({
    schema: { type: 'string' },
    sentence: `${what} must be the 22 characters after sk_live_ in a key.`,
    test: (value) => typeof value === 'string' && findKeyId(value) !== undefined,
  });
}

/** Known capabilities, at least one. */
export function IsCapabilities(): PropertyDecorator {
  return Field({
    schema: { type: 'array', minItems: 1, items: { type: 'string' } },
    sentence: (value) => capabilitiesProblem(value) ?? '',
    test: (value) => capabilitiesProblem(value) === undefined,
  });
}

/** The capabilities that {@link IsCapabilities} has accepted. */
export function parseCapabilities(names: readonly string[]): readonly Capability[] {
  const selection = selectCapabilities(names);
  if (selection.outcome === 'refused') throw new TypeError(selection.problem);
  return selection.capabilities;
}

/** A role, a tier, or the source of an address. */
export function IsSlug(what: string): PropertyDecorator {
  return Pattern(
    `${what} must be 1 to 32 lowercase letters, digits, - and _, starting with a letter.`,
    /^[a-z][a-z0-9_-]{0,31}$/,
  );
}

/** The header that identifies a request (draft-ietf-httpapi-idempotency-key-header). */
export const IDEMPOTENCY_KEY_SHAPE = /^[\x21-\x7e]{1,200}$/;

function capabilitiesProblem(value: unknown): string | undefined {
  if (!isTexts(value)) return 'Capabilities must be a list of names.';
  const selection = selectCapabilities(value);
  return selection.outcome === 'refused' ? selection.problem : undefined;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= 100 && value.every((item) => typeof item === 'string');
}
