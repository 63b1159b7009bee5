import { type ArgumentMetadata, type Type, ValidationPipe, type ValidationPipeOptions } from '@nestjs/common';
import { ValidationError, getMetadataStorage } from 'class-validator';
import { CommonProblem } from '#libs/problems';

/** An error in a body or query: where (RFC 6901 JSON pointer), and what would be right. */
interface Wrong {
  readonly pointer: string;
  readonly detail: string;
}

/** The maximum number of errors in a response. */
const MAX_WRONG = 20;

/**
 * The validation pipe of every API: bodies and queries become their DTO classes, and unknown fields are refused.
 * A refusal is `invalid_request` with `errors: [{ pointer, detail }]`, and never repeats a value.
 */
export function validated(): ValidationPipe {
  return new StrictValidationPipe({
    stopAtFirstError: true,
    exceptionFactory: (errors) => {
      const wrong = errors.flatMap((error) => flatten(error, '')).slice(0, MAX_WRONG);
      return new CommonProblem('invalid_request', wrong.map(({ detail }) => detail).join(' '), {
        extensions: { errors: wrong },
      });
    },
  });
}

/**
 * Nest's pipe, strict about unknown fields. It refuses them before class-transformer and class-validator see them: the
 * former drops `constructor`, the latter takes `hasOwnProperty` and everything else that every object inherits for fields
 * of the DTO, and both take seconds for a body of a hundred thousand fields.
 */
export class StrictValidationPipe extends ValidationPipe {
  constructor(options: Pick<ValidationPipeOptions, 'exceptionFactory' | 'stopAtFirstError'>) {
    super({
      ...options,
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      validationError: { target: false, value: false },
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const { metatype } = metadata;
    const unknown = metatype && this.toValidate(metadata) ? unknownFields(value, fieldsOf(metatype)) : [];
    if (unknown.length > 0) throw await this.exceptionFactory(unknown);
    return super.transform(value, metadata);
  }
}

const known = new WeakMap<Type, ReadonlySet<string>>();

/** The fields of a DTO, by their decorators. */
function fieldsOf(dto: Type): ReadonlySet<string> {
  const found =
    known.get(dto) ??
    new Set(
      getMetadataStorage()
        .getTargetValidationMetadatas(dto, '', false, false)
        .map(({ propertyName }) => propertyName),
    );
  known.set(dto, found);
  return found;
}

/** The first field of `value` that is not in `fields`, and deeper ones whose names every object inherits. */
function unknownFields(value: unknown, fields?: ReadonlySet<string>): ValidationError[] {
  if (typeof value !== 'object' || value === null) return [];
  const found: ValidationError[] = [];
  for (const [property, inner] of Object.entries(value)) {
    const isKnown = fields === undefined ? !(property in Object.prototype) : fields.has(property);
    if (!isKnown) found.push(errorAt(property, { constraints: { whitelistValidation: '' } }));
    const children = isKnown ? unknownFields(inner) : [];
    if (children.length > 0) found.push(errorAt(property, { children }));
    if (found.length >= MAX_WRONG) break;
  }
  return found;
}

function errorAt(
  property: string,
  found: Pick<ValidationError, 'constraints' | 'children'>,
): ValidationError {
  return Object.assign(new ValidationError(), { property, ...found });
}

function flatten({ property, constraints = {}, children = [] }: ValidationError, parent: string): Wrong[] {
  const pointer = `${parent}/${property.slice(0, 60).replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const own = Object.entries(constraints).map(([constraint, message]) => ({
    pointer,
    detail:
      constraint === 'whitelistValidation'
        ? `Unknown field ${JSON.stringify(property.slice(0, 60))}.`
        : message,
  }));
  return [...own, ...children.flatMap((child) => flatten(child, pointer))];
}
