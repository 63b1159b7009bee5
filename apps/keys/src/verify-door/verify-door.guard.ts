import { type CanActivate, type ExecutionContext, Injectable, Logger } from '@nestjs/common';
import { RpcException } from '@nestjs/microservices';
import { VerifyCredential } from '../secrets/door-credential.js';
import { LogSeldom } from './log-seldom.js';

/** Opens the verify door to questions that carry `KEYS_VERIFY_TOKEN`. */
@Injectable()
export class VerifyDoorGuard implements CanActivate {
  readonly #log = new LogSeldom(new Logger(VerifyDoorGuard.name));

  constructor(private readonly credential: VerifyCredential) {}

  canActivate(context: ExecutionContext): boolean {
    const question: unknown = context.switchToRpc().getData();
    const given =
      typeof question === 'object' && question !== null && 'credential' in question
        ? question.credential
        : '';
    if (typeof given !== 'string' || !this.credential.accepts(given)) {
      this.#log.warn({
        reason: 'verify_credential_wrong',
        msg: 'somebody asks with a wrong KEYS_VERIFY_TOKEN',
      });
      throw new RpcException(
        'the credential of the verify door is wrong: set KEYS_VERIFY_TOKEN to what keys accepts',
      );
    }
    return true;
  }
}
