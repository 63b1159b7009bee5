import { Controller, Get, Param, Query } from '@nestjs/common';
import { type KeyActivity, keyActivitySchema } from '#libs/keys-contract';
import { ListActivity } from '../activity/list-activity.js';
import { FindKey } from '../keys/find-key.js';
import { ApiRoute } from './api-route.js';
import { parseKeyId, unknownKey } from './key-in-path.js';
import { ActivityQuery, KeyParams } from './requests.js';

/** What a key has done lately. */
@Controller('keys/:keyId/activity')
export class ActivityController {
  constructor(
    private readonly findKey: FindKey,
    private readonly listActivity: ListActivity,
  ) {}

  @Get()
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
    const key = await this.findKey.execute(parseKeyId(keyId));
    if (key === null || (ownerId !== undefined && key.ownerId !== ownerId)) throw unknownKey();
    const found = await this.listActivity.execute(key.id, limit);
    return {
      activity: found.map(({ firstAt, lastAt, ...rest }) => ({
        ...rest,
        firstAt: firstAt.toISOString(),
        lastAt: lastAt.toISOString(),
      })),
    };
  }
}
