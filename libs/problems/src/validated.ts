import { type ArgumentMetadata, ValidationPipe, type ValidationPipeOptions } from '@nestjs/common';
import { ValidationError } from 'class-validator';
import { ProblemException } from './problem.js';

/** One thing that is wrong with a body or a query: where (RFC 6901 JSON pointer), and what would be right. */
interface Wrong {
  readonly pointer: string;
  readonly detail: string;
}

/** How many things that are wrong an answer names. */
const MAX_WRONG = 20;

/**
 * The pipe at every door: bodies and queries become their DTO classes, and what no DTO names is refused.
 * A refusal is `invalid_request` with `errors: [{ pointer, detail }]`, and never repeats a value.
 */
export function validated(): ValidationPipe {
  return new StrictValidationPipe({
    stopAtFirstError: true,
    exceptionFactory: (errors) => {
      const wrong = errors.flatMap((error) => flatten(error, '')).slice(0, MAX_WRONG);
      return new ProblemException('invalid_request', wrong.map(({ detail }) => detail).join(' '), {
        extensions: { errors: wrong },
      });
    },
  });
}

/**
 * Nest's pipe, which lets through what its DTO names and nothing else, those fields included that every object inherits,
 * such as `constructor` and `hasOwnProperty`: class-transformer drops the one, and class-validator takes the other for a
 * field of the DTO.
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
    const inherited = this.toValidate(metadata) ? inheritedNames(value) : [];
    if (inherited.length > 0) throw await this.exceptionFactory(inherited);
    return super.transform(value, metadata);
  }
}

/** Where `value` has a field of a name that every object inherits. */
function inheritedNames(value: unknown): ValidationError[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([property, inner]) => {
    if (property in Object.prototype)
      return [errorAt(property, { constraints: { whitelistValidation: '' } })];
    const children = inheritedNames(inner);
    return children.length === 0 ? [] : [errorAt(property, { children })];
  });
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
        ? `There is no field ${JSON.stringify(property.slice(0, 60))}.`
        : message,
  }));
  return [...own, ...children.flatMap((child) => flatten(child, pointer))];
}
