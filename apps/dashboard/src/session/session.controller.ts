import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Session, User } from '../contract.js';
import { DEFAULT_PROFILE, KeyOwner } from '../keys/key-owner.js';
import { shownProviders } from '../sign-in/providers.js';
import { WAYS_IN, type SignInOptions } from '../sign-in/sign-in-options.js';
import { FindSession, type Person } from './find-session.js';
import { Public } from './public.js';

/** What the page tells people about keys: where they are good for something, and what they look like. */
export class PublicConfig {
  constructor(
    readonly gatewayUrl: string,
    readonly keyPrefix: string,
  ) {}
}

@Controller('api/session')
@Public()
export class SessionController {
  constructor(
    private readonly findSession: FindSession,
    private readonly keyOwner: KeyOwner,
    private readonly facts: PublicConfig,
    @Inject(WAYS_IN) private readonly waysIn: SignInOptions,
  ) {}

  @Get()
  async session(@Req() req: FastifyRequest, @Res({ passthrough: true }) res: FastifyReply): Promise<Session> {
    const person = await this.findSession.execute(req, res);
    return {
      user: person === null ? null : await this.#describe(person, req),
      signIn: { password: this.waysIn.password, providers: shownProviders(this.waysIn.providers) },
      gatewayUrl: this.facts.gatewayUrl,
      keyPrefix: this.facts.keyPrefix,
    };
  }

  async #describe(person: Person, req: FastifyRequest): Promise<User> {
    const { email, emailVerified, name, image } = person;
    const { id, role, tier } = (await this.keyOwner.find(person, req)) ?? {
      id: person.id,
      ...DEFAULT_PROFILE,
    };
    return { id, email, emailVerified, name, image, role, tier };
  }
}
