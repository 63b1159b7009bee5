import { Body, Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SignedOutToo } from '../session/signed-out-too.js';
import { askBetterAuth } from './ask-better-auth.js';
import { ProviderBody, SignInBody, SignUpBody } from './requests.js';
import { SIGN_IN, type SignIn } from './sign-in.js';

/** Those of better-auth's own endpoints that the page needs. It has others, and none of them is open. */
@Controller('api/auth')
@SignedOutToo()
export class SignInController {
  constructor(@Inject(SIGN_IN) private readonly signIn: SignIn) {}

  @Post('sign-in/email')
  @HttpCode(200)
  withPassword(
    @Req() req: FastifyRequest,
    @Res() res: FastifyReply,
    @Body() body: SignInBody,
  ): Promise<void> {
    return askBetterAuth(this.signIn, req, res, body);
  }

  @Post('sign-up/email')
  @HttpCode(200)
  signUp(@Req() req: FastifyRequest, @Res() res: FastifyReply, @Body() body: SignUpBody): Promise<void> {
    return askBetterAuth(this.signIn, req, res, body);
  }

  /** Answers where to send the browser. */
  @Post('sign-in/social')
  @HttpCode(200)
  withProvider(
    @Req() req: FastifyRequest,
    @Res() res: FastifyReply,
    @Body() body: ProviderBody,
  ): Promise<void> {
    return askBetterAuth(this.signIn, req, res, body);
  }

  /** Where a provider sends the browser back to. */
  @Get('callback/:provider')
  callback(@Req() req: FastifyRequest, @Res() res: FastifyReply): Promise<void> {
    return askBetterAuth(this.signIn, req, res);
  }

  @Post('sign-out')
  @HttpCode(200)
  signOut(@Req() req: FastifyRequest, @Res() res: FastifyReply): Promise<void> {
    return askBetterAuth(this.signIn, req, res, {});
  }
}
