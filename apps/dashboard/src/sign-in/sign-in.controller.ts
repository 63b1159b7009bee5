import { Body, Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EventOutbox } from '../audit/event-outbox.js';
import { requestOrigin } from '../audit/request-origin.js';
import { DashboardProblem } from '../dashboard-problem.js';
import { FindSession } from '../session/find-session.js';
import { Public } from '../session/public.js';
import { isCommonPassword } from './common-password.js';
import { forwardToBetterAuth } from './forward-to-better-auth.js';
import { PasswordGate } from './password-gate.js';
import { publicProviders } from './providers.js';
import { ProviderBody, SignInBody, SignUpBody } from './requests.js';
import { SIGN_IN, type SignIn } from './sign-in.js';
import { SIGN_IN_OPTIONS, type SignInOptions } from './sign-in-options.js';

/** The endpoints of better-auth that the page needs. Its others are not exposed. */
@Controller('api/auth')
@Public()
export class SignInController {
  constructor(
    @Inject(SIGN_IN) private readonly signIn: SignIn,
    @Inject(SIGN_IN_OPTIONS) private readonly signInOptions: SignInOptions,
    private readonly passwordGate: PasswordGate,
    private readonly findSession: FindSession,
    private readonly outbox: EventOutbox,
  ) {}

  @Post('sign-in/email')
  @HttpCode(200)
  async withPassword(
    @Req() req: FastifyRequest,
    @Res() res: FastifyReply,
    @Body() body: SignInBody,
  ): Promise<void> {
    await this.passwordGate.admit(body.email, req);
    try {
      await forwardToBetterAuth(this.signIn, { path: '/sign-in/email', body }, req, res);
    } catch (err) {
      await this.passwordGate.recordRefusal(err, body.email, req);
      throw err;
    }
  }

  /** Creates an account. The response is the same if it already exists, so the page signs in next. */
  @Post('sign-up/email')
  @HttpCode(200)
  async signUp(
    @Req() req: FastifyRequest,
    @Res() res: FastifyReply,
    @Body() body: SignUpBody,
  ): Promise<void> {
    this.passwordGate.requireAllowed(body.email);
    if (await isCommonPassword(body.password, body.email)) {
      throw new DashboardProblem('invalid_request', 'That password is too common. Choose another.', {
        reason: 'common_password',
      });
    }
    return forwardToBetterAuth(this.signIn, { path: '/sign-up/email', body }, req, res);
  }

  /** Responds with the provider's URL to send the browser to. */
  @Post('sign-in/social')
  @HttpCode(200)
  withProvider(
    @Req() req: FastifyRequest,
    @Res() res: FastifyReply,
    @Body() body: ProviderBody,
  ): Promise<void> {
    return forwardToBetterAuth(this.signIn, { path: '/sign-in/social', body }, req, res);
  }

  /** The provider sends the browser back here. */
  @Get('callback/:provider')
  async callback(
    @Req() req: FastifyRequest,
    @Res() res: FastifyReply,
    @Param('provider') provider: string,
  ): Promise<void> {
    const known = publicProviders(this.signInOptions.providers).find(({ id }) => id === provider);
    if (known === undefined) throw new DashboardProblem('not_found', "This sign-in method isn't set up.");
    return forwardToBetterAuth(this.signIn, { path: `/callback/${known.id}`, query: req.query }, req, res);
  }

  @Post('sign-out')
  @HttpCode(200)
  async signOut(@Req() req: FastifyRequest, @Res() res: FastifyReply): Promise<void> {
    const token = await this.findSession.token(req);
    if (token !== null) await this.outbox.signOut(token, requestOrigin(req));
    // Removes the cookies.
    return forwardToBetterAuth(this.signIn, { path: '/sign-out', body: {} }, req, res);
  }
}
