import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { KEY_STATES, type KeyState } from '#libs/keys-client';
import { IsEmailLike, IsKeyId, IsLine, IsMoment, IsSelection, IsWord } from './inputs.js';

/** Who asks, for the audit: a person's id in the dashboard, or the tool's name. */
class Asked {
  @IsOptional()
  @IsLine('The actor', { max: 200 })
  actor = 'manage';
}

export class OwnerParams {
  @IsLine('The owner id', { max: 200 })
  ownerId!: string;
}

export class KeyParams {
  @IsKeyId('The key id')
  keyId!: string;
}

export class PutOwnerBody extends Asked {
  @IsEmailLike()
  email!: string;

  @IsOptional()
  @IsWord('The role')
  role = 'user';

  @IsOptional()
  @IsWord('The tier')
  tier = 'free';
}

export class FindOwnersQuery {
  @IsEmailLike()
  email!: string;
}

export class IssueKeyBody extends Asked {
  @IsLine('The name', { max: 100 })
  name!: string;

  @IsSelection()
  capabilities!: string[];

  @IsOptional()
  @IsMoment('The expiry')
  expiresAt?: string;

  @IsOptional()
  @IsKeyId('What it replaces')
  replaces?: string;
}

export class ListKeysQuery {
  @IsOptional()
  @IsIn([...KEY_STATES, 'all'], { message: `The state is one of ${KEY_STATES.join(', ')}, all.` })
  state: KeyState | 'all' = 'active';

  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: 'The limit is a whole number from 1 to 200.' })
  @Min(1, { message: 'The limit is a whole number from 1 to 200.' })
  @Max(200, { message: 'The limit is a whole number from 1 to 200.' })
  limit = 100;

  @IsOptional()
  @IsKeyId('The cursor')
  cursor?: string;
}

export class RevokeKeyBody extends Asked {
  /** When given, only a key of this owner is found. */
  @IsOptional()
  @IsLine('The owner id', { max: 200 })
  ownerId?: string;

  @IsOptional()
  @IsLine('The reason', { max: 500 })
  reason?: string;
}
