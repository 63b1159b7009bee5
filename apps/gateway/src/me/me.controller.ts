import { Controller, Get } from '@nestjs/common';
import type { Capability } from '#libs/capabilities';
import { AnyValidKey, Caller, type Principal } from '#libs/key-guard';

/** Who a key belongs to and what it may do, as `GET /v1/me` answers. */
export interface Me {
  readonly userId: string;
  readonly email: string;
  readonly role: string;
  readonly tier: string;
  readonly keyId: string;
  readonly capabilities: readonly Capability[];
}

@Controller('v1/me')
export class MeController {
  @Get()
  @AnyValidKey()
  me(@Caller() { owner, keyId, capabilities }: Principal): Me {
    const { id: userId, email, role, tier } = owner;
    return { userId, email, role, tier, keyId, capabilities };
  }
}
