import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { type ExpireRequest, KEY_STATES, type KeyFilter, type KeyState } from '#libs/keys-contract';
import type { NewKey } from '../contract.js';

/*
 * Only the shape of requests is checked here. The keys service validates names, timestamps and capabilities, and its
 * messages are passed on.
 */

export class KeyParams {
  @MaxLength(200)
  keyId!: string;
}

export class ListKeysQuery implements KeyFilter {
  @IsOptional()
  @IsIn([...KEY_STATES, 'all'])
  state?: KeyState | 'all';

  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1000)
  limit?: number;

  @IsOptional()
  @IsString()
  @MaxLength(200)
  cursor?: string;
}

export class NewKeyBody implements NewKey {
  @MaxLength(1000, { message: 'Name must be 1 to 100 characters.' })
  name!: string;

  @IsArray({ message: 'Capabilities must be a list of names.' })
  @ArrayMaxSize(100)
  @IsString({ each: true, message: 'Capabilities must be a list of names.' })
  capabilities!: string[];

  @IsOptional()
  @IsString()
  @MaxLength(100)
  expiresAt?: string | null;

  @IsOptional()
  @IsString()
  @MaxLength(200)
  replaces?: string | null;
}

export class RevokeKeyBody {
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  reason?: string | null;
}

export class ExpireKeyBody implements ExpireRequest {
  @MaxLength(100, { message: 'expiresAt must be an RFC 3339 timestamp.' })
  expiresAt!: string;
}

export class CheckKeyBody {
  @IsString({ message: 'Send a complete key.' })
  @MaxLength(200, { message: "That isn't a complete key." })
  token!: string;
}
