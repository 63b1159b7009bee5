import { type CanActivate, type ExecutionContext, Injectable, Logger } from '@nestjs/common';
import { RpcException, type TcpContext } from '@nestjs/microservices';
import { VerificationToken } from '../secrets/service-token.js';
import { AuthenticatingSocket } from './authenticating-socket.js';
import { LogSeldom } from './log-seldom.js';

/** Accepts questions to the verification RPC that carry `KEYS_VERIFY_TOKEN`. */
@Injectable()
export class VerificationRpcGuard implements CanActivate {
  readonly #log = new LogSeldom(new Logger(VerificationRpcGuard.name));

  constructor(private readonly credential: VerificationToken) {}

  canActivate(context: ExecutionContext): boolean {
    const rpc = context.switchToRpc();
    const question: unknown = rpc.getData();
    const given =
      typeof question === 'object' && question !== null && 'credential' in question
        ? question.credential
        : '';
    if (typeof given !== 'string' || !this.credential.accepts(given)) {
      this.#log.warn({
        reason: 'verify_credential_wrong',
        msg: 'refused a message with a wrong KEYS_VERIFY_TOKEN',
      });
      throw new RpcException(
        'the token of the verification RPC is wrong: set KEYS_VERIFY_TOKEN to what keys accepts',
      );
    }
    const connection = rpc.getContext<TcpContext>().getSocketRef();
    if (connection instanceof AuthenticatingSocket) connection.authenticate();
    return true;
  }
}
