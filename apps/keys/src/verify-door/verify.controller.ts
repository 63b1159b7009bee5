import { Controller, UseGuards } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { READY_PATTERN, VERIFY_PATTERN, type VerifyAnswer } from '#libs/keys-client';
import { canAnswer } from '../database/open-database.js';
import { VerifyKey } from '../keys/verify-key.js';
import { VerifyDoorGuard } from './verify-door.guard.js';
import { type AskedKey, VerifyQuestionPipe } from './verify-question.pipe.js';

/** The verify door. Nest runs no global guard, pipe or filter for messages, so this names its own. */
@Controller()
@UseGuards(VerifyDoorGuard)
export class VerifyController {
  constructor(
    private readonly verifyKey: VerifyKey,
    private readonly database: DataSource,
  ) {}

  @MessagePattern(VERIFY_PATTERN)
  verify(@Payload(VerifyQuestionPipe) { key, log }: AskedKey): Promise<VerifyAnswer> {
    return this.verifyKey.execute(key, log);
  }

  @MessagePattern(READY_PATTERN)
  ready(): Promise<boolean> {
    return canAnswer(this.database);
  }
}
