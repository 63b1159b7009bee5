import { type CanActivate, type ExecutionContext, Injectable, Logger } from '@nestjs/common';
import { RpcException } from '@nestjs/microservices';
import { VerifyCredential } from '../secrets/door-credential.js';

/** How often a wrong credential is logged at most, in milliseconds: anybody who reaches the port can send one. */
const LOG_EVERY_MS = 10_000;

/** Opens the verify door to questions that carry `KEYS_VERIFY_TOKEN`. */
@Injectable()
export class VerifyDoorGuard implements CanActivate {
  readonly #logger = new Logger(VerifyDoorGuard.name);
  #loggedAt = -Infinity;

  constructor(private readonly credential: VerifyCredential) {}

  canActivate(context: ExecutionContext): boolean {
    const question: unknown = context.switchToRpc().getData();
    const given =
      typeof question === 'object' && question !== null && 'credential' in question
        ? question.credential
        : '';
    if (typeof given !== 'string' || !this.credential.accepts(given)) {
      this.#log();
      throw new RpcException(
        'the credential of the verify door is wrong: set KEYS_VERIFY_TOKEN to what keys accepts',
      );
    }
    return true;
  }

  #log(): void {
    if (performance.now() - this.#loggedAt < LOG_EVERY_MS) return;
    this.#loggedAt = performance.now();
    this.#logger.warn({
      reason: 'verify_credential_wrong',
      msg: 'somebody asks with a wrong KEYS_VERIFY_TOKEN',
    });
  }
}
