import { ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { ProblemException } from './problem.js';

/** One thing that is wrong with a body or a query: where (RFC 6901 JSON pointer), and what would be right. */
interface Wrong {
  readonly pointer: string;
  readonly detail: string;
}

/**
 * The pipe at every door: bodies and queries become their DTO classes, and what no DTO names is refused.
 * A refusal is `invalid_request` with `errors: [{ pointer, detail }]`, and never repeats a value.
 */
export function validated(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    stopAtFirstError: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => {
      const wrong = errors.flatMap((error) => flatten(error, ''));
      return new ProblemException('invalid_request', wrong.map(({ detail }) => detail).join(' '), {
        extensions: { errors: wrong },
      });
    },
  });
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
