import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { RpcException } from '@nestjs/microservices';
import { VerifyCredential } from '../secrets/door-credential.js';

/** Opens the verify door to questions that carry `KEYS_VERIFY_TOKEN`. */
@Injectable()
export class VerifyDoorGuard implements CanActivate {
  constructor(private readonly credential: VerifyCredential) {}

  canActivate(context: ExecutionContext): boolean {
    const question: unknown = context.switchToRpc().getData();
    const given =
      typeof question === 'object' && question !== null && 'credential' in question
        ? question.credential
        : '';
    if (typeof given !== 'string' || !this.credential.accepts(given)) {
      throw new RpcException(
        'the credential of the verify door is wrong: set KEYS_VERIFY_TOKEN to what keys accepts',
      );
    }
    return true;
  }
}
