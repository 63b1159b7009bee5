import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Session, User } from '../contract.js';
import { KnownCatalogue } from '../catalogue/known-catalogue.js';
import { DEFAULT_PROFILE, KeyOwner } from '../keys/key-owner.js';
import { publicProviders } from '../sign-in/providers.js';
import { SIGN_IN_OPTIONS, type SignInOptions } from '../sign-in/sign-in-options.js';
import { FindSession, type Person } from './find-session.js';
import { Public } from './public.js';

/** Settings that the page shows: where to use keys, and how they begin. */
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
    private readonly publicConfig: PublicConfig,
    private readonly catalogue: KnownCatalogue,
    @Inject(SIGN_IN_OPTIONS) private readonly signInOptions: SignInOptions,
  ) {}

  @Get()
  async session(@Req() req: FastifyRequest, @Res({ passthrough: true }) res: FastifyReply): Promise<Session> {
    const [person, title] = await Promise.all([this.findSession.execute(req, res), this.catalogue.title()]);
    return {
      title,
      user: person === null ? null : await this.#describe(person, req),
      signIn: {
        password: this.signInOptions.password,
        providers: publicProviders(this.signInOptions.providers),
      },
      gatewayUrl: this.publicConfig.gatewayUrl,
      keyPrefix: this.publicConfig.keyPrefix,
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
