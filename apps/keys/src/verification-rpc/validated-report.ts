import { RpcException } from '@nestjs/microservices';
import { REPORT_REFUSED } from '#libs/keys-contract';
import { StrictValidationPipe } from '#libs/fields';

/** The pipe that validates a gateway's report. `sentence` says what it must be; a refusal repeats no value. */
export function validatedReport(sentence: string): StrictValidationPipe {
  return new StrictValidationPipe({
    exceptionFactory: () => new RpcException({ status: REPORT_REFUSED, message: sentence }),
  });
}
