import { Controller, Get, Param, Query } from '@nestjs/common';
import { type KeyExposures, keyExposuresSchema } from '#libs/keys-contract';
import { ListExposures } from '../exposures/list-exposures.js';
import { FindKey } from '../keys/find-key.js';
import { ApiRoute } from './api-route.js';
import { parseKeyId, unknownKey } from './key-in-path.js';
import { ExposuresQuery, KeyParams } from './requests.js';

/** Where others have seen a key. */
@Controller('keys/:keyId/exposures')
export class ExposuresController {
  constructor(
    private readonly findKey: FindKey,
    private readonly listExposures: ListExposures,
  ) {}

  @Get()
  @ApiRoute({
    id: 'keys_exposures',
    summary: 'Show where a key was found by others, latest first',
    answer: keyExposuresSchema,
    problems: ['not_found'],
  })
  async list(@Param() { keyId }: KeyParams, @Query() { ownerId }: ExposuresQuery): Promise<KeyExposures> {
    const key = await this.findKey.execute(parseKeyId(keyId));
    if (key === null || (ownerId !== undefined && key.ownerId !== ownerId)) throw unknownKey();
    const exposures = await this.listExposures.execute(key.id);
    return { exposures: exposures.map(({ at, ...rest }) => ({ ...rest, at: at.toISOString() })) };
  }
}
