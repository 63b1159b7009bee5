import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ManageClient } from '#libs/keys-client';
import { CheckKey, Gateway } from './keys/check-key.js';
import { ClaimOwner } from './keys/claim-owner.js';
import { KeyOwner } from './keys/key-owner.js';
import { KeysController } from './keys/keys.controller.js';
import { BuiltPage } from './page/built-page.js';
import { PageController } from './page/page.controller.js';
import { FindSession } from './session/find-session.js';
import { SameOriginGuard } from './session/same-origin.guard.js';
import { SessionController, PublicConfig } from './session/session.controller.js';
import { SessionGuard } from './session/session.guard.js';
import { AccountAttempts } from './sign-in/account-attempts.js';
import { PasswordGate } from './sign-in/password-gate.js';
import { SignInController } from './sign-in/sign-in.controller.js';
import { SIGN_IN, type SignIn } from './sign-in/sign-in.js';
import { WAYS_IN, type SignInOptions } from './sign-in/sign-in-options.js';

/** What the dashboard stands on, made by whoever starts it. */
export interface DashboardModuleOptions {
  readonly signIn: SignIn;
  readonly waysIn: SignInOptions;
  readonly manage: ManageClient;
  readonly claimOwner: ClaimOwner;
  readonly attempts: AccountAttempts;
  readonly gateway: Gateway;
  readonly facts: PublicConfig;
  readonly page: BuiltPage;
}

/** The dashboard: signing in, sessions, a person's own keys, and the page for all that. */
@Module({})
export class DashboardAppModule {
  static register(options: DashboardModuleOptions): DynamicModule {
    const { signIn, waysIn, manage, claimOwner, attempts, gateway, facts, page } = options;
    return {
      module: DashboardAppModule,
      controllers: [SignInController, SessionController, KeysController, PageController],
      providers: [
        { provide: APP_GUARD, useClass: SameOriginGuard },
        { provide: APP_GUARD, useClass: SessionGuard },
        FindSession,
        KeyOwner,
        CheckKey,
        PasswordGate,
        { provide: ClaimOwner, useValue: claimOwner },
        { provide: AccountAttempts, useValue: attempts },
        { provide: SIGN_IN, useValue: signIn },
        { provide: WAYS_IN, useValue: waysIn },
        { provide: ManageClient, useValue: manage },
        { provide: Gateway, useValue: gateway },
        { provide: PublicConfig, useValue: facts },
        { provide: BuiltPage, useValue: page },
      ],
    };
  }
}
