import { applyDecorators } from '@nestjs/common';
import type { ApiPropertyOptions } from '@nestjs/swagger';
import { ValidateBy, ValidateIf } from 'class-validator';

/** A kind of field. */
export interface FieldKind {
  /** Its schema in an OpenAPI document. */
  readonly schema: ApiPropertyOptions;
  readonly test: (value: unknown) => boolean;
  /** What is right, or what is wrong with a value, for people. It does not repeat the value. */
  readonly sentence: string | ((value: unknown) => string);
}

/** A schema that a decorator gives a property of a class. */
interface DescribedField {
  readonly target: object;
  readonly property: string | symbol;
  readonly schema: ApiPropertyOptions;
}

const described: DescribedField[] = [];

/**
 * The schemas of all fields, in the order of their decorators. An app that has an OpenAPI document passes each to
 * `ApiProperty`; the others do not load `@nestjs/swagger`.
 */
export function describedFields(): readonly DescribedField[] {
  return described;
}

/** A field of that kind. */
export function Field({ schema, test, sentence }: FieldKind): PropertyDecorator {
  return applyDecorators(
    withSchema(schema),
    ValidateBy({
      name: 'field',
      validator: {
        validate: test,
        defaultMessage: (failed) => (typeof sentence === 'string' ? sentence : sentence(failed?.value)),
      },
    }),
  );
}

/** Says what a field is for, where its name does not. */
export function Describe(description: string): PropertyDecorator {
  return withSchema({ description });
}

/**
 * May be left out; the document shows the default, from a new object of the class. Null is refused: somebody who sends
 * it may have meant to send a value.
 */
export function Optional(): PropertyDecorator {
  return (target, property) => {
    const fresh: unknown = Reflect.construct(target.constructor, []);
    const value: unknown =
      typeof fresh === 'object' && fresh !== null ? Reflect.get(fresh, property) : undefined;
    withSchema({ required: false, default: value })(target, property);
    ValidateIf((_, given) => given !== undefined)(target, property);
  };
}

/** May be left out, or null, which means the same. */
export function OptionalOrNull(): PropertyDecorator {
  return applyDecorators(
    withSchema({ required: false, nullable: true }),
    ValidateIf((_, given) => given !== undefined && given !== null),
  );
}

function withSchema(schema: ApiPropertyOptions): PropertyDecorator {
  return (target, property) => {
    described.push({ target, property, schema });
  };
}
