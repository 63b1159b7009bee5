import { Injectable, type PipeTransform } from '@nestjs/common';
import { RpcException } from '@nestjs/microservices';

/** The longest text that is looked at: keys are 69 characters and their prefix. */
const LONGEST_KEY = 200;

/** The key in a question. The one field besides the credential; class-validator would cost more than the answer does. */
@Injectable()
export class VerifyQuestionPipe implements PipeTransform<unknown, string> {
  transform(question: unknown): string {
    const key =
      typeof question === 'object' && question !== null && 'key' in question ? question.key : undefined;
    if (typeof key !== 'string' || key.length > LONGEST_KEY)
      throw new RpcException('a question has a key, as text');
    return key;
  }
}
