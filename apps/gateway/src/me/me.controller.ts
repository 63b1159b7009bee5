import { Controller, Get } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { AnyValidKey, Caller, type Principal } from '#libs/key-guard';
import { ApiRoute } from '../openapi/described-route.js';

/** Who a key belongs to and what it may do, as `GET /v1/me` answers. */
export class Me {
  @ApiProperty()
  readonly userId!: string;

  @ApiProperty()
  readonly email!: string;

  @ApiProperty({ description: 'Whether a provider has verified that the address is theirs.' })
  readonly emailVerified!: boolean;

  @ApiProperty()
  readonly role!: string;

  @ApiProperty()
  readonly tier!: string;

  @ApiProperty({ description: 'The public part of the key.' })
  readonly keyId!: string;

  @ApiProperty({
    type: 'array',
    items: { type: 'string', example: 'desktop:read' },
    description: 'What the key may do. Ignore names that you do not know: more may be added.',
  })
  readonly capabilities!: readonly string[];
}

@Controller('v1/me')
export class MeController {
  @Get()
  @AnyValidKey()
  @ApiRoute('Show the key’s owner and capabilities', { type: Me })
  me(@Caller() { owner, keyId, capabilities }: Principal): Me {
    const { id: userId, email, emailVerified, role, tier } = owner;
    return { userId, email, emailVerified, role, tier, keyId, capabilities };
  }
}
