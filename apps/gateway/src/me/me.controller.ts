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

  @ApiProperty({ description: 'Whether the address is known to be theirs: a provider has verified it.' })
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
    description:
      'What the key may do. Ignore the names that you do not know: there may be more of them later.',
  })
  readonly capabilities!: readonly string[];
}

@Controller('v1/me')
export class MeController {
  @Get()
  @AnyValidKey()
  @ApiRoute('Read whose key it is, and what it may do', { type: Me })
  me(@Caller() { owner, keyId, capabilities }: Principal): Me {
    const { id: userId, email, emailVerified, role, tier } = owner;
    return { userId, email, emailVerified, role, tier, keyId, capabilities };
  }
}
