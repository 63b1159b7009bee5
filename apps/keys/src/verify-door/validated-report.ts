import { ValidationPipe } from '@nestjs/common';
import { RpcException } from '@nestjs/microservices';

/** The pipe of a report that a gateway sends. `sentence` says what it should be; a refusal names no value. */
export function validatedReport(sentence: string): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    validationError: { target: false, value: false },
    exceptionFactory: () => new RpcException(sentence),
  });
}
