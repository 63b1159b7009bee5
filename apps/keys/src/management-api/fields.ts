import { applyDecorators } from '@nestjs/common';
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

/** The `nextCursor` of the previous page: the ID of its last item. */
export function IsCursor(isId: (text: string) => boolean): PropertyDecorator {
  return Field({
    schema: { type: 'string', description: 'The nextCursor of the previous page.' },
    sentence: 'Cursor must be the nextCursor of the previous page.',
    test: (value) => typeof value === 'string' && isId(value),
  });
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
