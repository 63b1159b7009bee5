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
import { KEY_STATES, type KeyState } from '#libs/keys-client';

/*
 * The shape of what the page sends, and no more: what a name, a moment or a capability is, keys says, and its sentences
 * are passed on.
 */

export class KeyParams {
  @MaxLength(200)
  keyId!: string;
}

export class ListKeysQuery {
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

export class NewKeyBody {
  @MaxLength(1000, { message: 'The key needs a name, of at most a line.' })
  name!: string;

  @IsArray({ message: 'The capabilities are a list of names.' })
  @ArrayMaxSize(100)
  @IsString({ each: true, message: 'The capabilities are a list of names.' })
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

export class ExpireKeyBody {
  @MaxLength(100, { message: 'Say when the key is to expire.' })
  expiresAt!: string;
}

export class CheckKeyBody {
  @IsString({ message: 'Send the whole key.' })
  @MaxLength(200, { message: 'This is not a whole key.' })
  token!: string;
}
