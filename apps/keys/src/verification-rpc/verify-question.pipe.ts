import { Injectable, type PipeTransform } from '@nestjs/common';
import { RpcException } from '@nestjs/microservices';
import type { VerifyQuestion } from '#libs/keys-contract';

/** A question without its credential. */
export interface KeyQuestion extends Omit<VerifyQuestion, 'credential' | 'enforces'> {
  /** Whether the caller checks where a key is used from. Words that are unknown here are those of a later version. */
  readonly enforcesAllowedIps: boolean;
}

/** The maximum length of a text: keys are 69 characters and their prefix, identities of logs about 80. */
const MAX_LENGTH = 200;

/** Validates a question. Written by hand for two fields: class-validator would cost more than the answer does. */
@Injectable()
export class VerifyQuestionPipe implements PipeTransform<unknown, KeyQuestion> {
  transform(question: unknown): KeyQuestion {
    const asked: { key?: unknown; log?: unknown; enforces?: unknown; traceparent?: unknown } =
      typeof question === 'object' && question !== null ? question : {};
    const { key, log, enforces, traceparent } = asked;
    if (!isShortText(key)) throw new RpcException('a question has a key, as text');
    if (log !== null && !isShortText(log)) throw new RpcException('a question has a log, as text or null');
    const enforcesAllowedIps = Array.isArray(enforces) && enforces.includes('allowedIps');
    return {
      key,
      log,
      enforcesAllowedIps,
      ...(typeof traceparent === 'string' && { traceparent }),
    };
  }
}

function isShortText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_LENGTH;
}
