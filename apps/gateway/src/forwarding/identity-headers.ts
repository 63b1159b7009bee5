import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/key-guard';
import { type AudienceName, IDENTITY_HEADER } from '#libs/signed-identity';
import { IdentitySigner } from '#libs/signed-identity/signing';

/** What a forwarded request says about its caller. Copies that a client has sent must be gone before these are set. */
@Injectable()
export class IdentityHeaders {
  constructor(private readonly signer: IdentitySigner) {}

  /** The headers for a request of `principal` to a service of `group`, valid for at least 50 seconds. */
  async for(principal: Principal, group: AudienceName): Promise<Record<string, string>> {
    return { [IDENTITY_HEADER]: await this.signer.sign(principal, group) };
  }
}
