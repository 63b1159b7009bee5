import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Session, User } from '../contract.js';
import { BEGINNING, KeyOwner } from '../keys/key-owner.js';
import { shownProviders } from '../sign-in/providers.js';
import { WAYS_IN, type WaysIn } from '../sign-in/ways-in.js';
import { FindSession, type Person } from './find-session.js';
import { SignedOutToo } from './signed-out-too.js';

/** What the page tells people about keys: where they are good for something, and what they look like. */
export class ShownFacts {
  constructor(
    readonly gatewayUrl: string,
    readonly keyPrefix: string,
  ) {}
}

@Controller('api/session')
@SignedOutToo()
export class SessionController {
  constructor(
    private readonly findSession: FindSession,
    private readonly keyOwner: KeyOwner,
    private readonly facts: ShownFacts,
    @Inject(WAYS_IN) private readonly waysIn: WaysIn,
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
    const { id, role, tier } = (await this.keyOwner.find(person, req)) ?? { id: person.id, ...BEGINNING };
    return { id, email, emailVerified, name, image, role, tier };
  }
}
