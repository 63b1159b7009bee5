import { Controller, Get, Param, Query } from '@nestjs/common';
import type { KeyId } from '#libs/key-format';
import { type KeyActivity, type KeyUsage, keyActivitySchema, keyUsageSchema } from '#libs/keys-contract';
import { ListActivity } from '../activity/list-activity.js';
import { SummarizeUsage } from '../activity/summarize-usage.js';
import { FindKey } from '../keys/find-key.js';
import { ApiRoute } from './api-route.js';
import { parseKeyId, unknownKey } from './key-in-path.js';
import { ActivityQuery, KeyParams, UsageQuery } from './requests.js';

/** What a key has done lately. */
@Controller('keys/:keyId')
export class ActivityController {
  constructor(
    private readonly findKey: FindKey,
    private readonly listActivity: ListActivity,
    private readonly summarizeUsage: SummarizeUsage,
  ) {}

  @Get('activity')
  @ApiRoute({
    id: 'keys_activity',
    summary: 'Show what a key was used for, newest first',
    answer: keyActivitySchema,
    problems: ['not_found'],
  })
  async list(
    @Param() { keyId }: KeyParams,
    @Query() { ownerId, limit }: ActivityQuery,
  ): Promise<KeyActivity> {
    const found = await this.listActivity.execute(await this.#idOf(keyId, ownerId), limit);
    return {
      activity: found.map(({ firstAt, lastAt, ...rest }) => ({
        ...rest,
        firstAt: firstAt.toISOString(),
        lastAt: lastAt.toISOString(),
      })),
    };
  }

  @Get('usage')
  @ApiRoute({
    id: 'keys_usage',
    summary: 'Count the requests of a key within a day and a week, and their addresses',
    answer: keyUsageSchema,
    problems: ['not_found'],
  })
  async usage(@Param() { keyId }: KeyParams, @Query() { ownerId }: UsageQuery): Promise<KeyUsage> {
    const { lastAt, hours, ...usage } = await this.summarizeUsage.execute(await this.#idOf(keyId, ownerId));
    return {
      ...usage,
      lastAt: lastAt?.toISOString() ?? null,
      hours: hours.map(({ at, ...counts }) => ({ at: at.toISOString(), ...counts })),
    };
  }

  async #idOf(keyId: string, ownerId: string | undefined): Promise<KeyId> {
    const key = await this.findKey.execute(parseKeyId(keyId));
    if (key === null || (ownerId !== undefined && key.ownerId !== ownerId)) throw unknownKey();
    return key.id;
  }
}
