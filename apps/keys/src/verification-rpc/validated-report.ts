import { RpcException } from '@nestjs/microservices';
import { REPORT_REFUSED } from '#libs/keys-contract';
import { StrictValidationPipe } from '#libs/problems';

/** The pipe of a report that a gateway sends. `sentence` says what it should be; a refusal names no value. */
export function validatedReport(sentence: string): StrictValidationPipe {
  return new StrictValidationPipe({
    exceptionFactory: () => new RpcException({ status: REPORT_REFUSED, message: sentence }),
  });
}
