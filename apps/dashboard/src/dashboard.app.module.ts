import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ManageClient } from '#libs/keys-client';
import { AuditController } from './audit/audit.controller.js';
import { EventOutbox } from './audit/event-outbox.js';
import { EventRelay } from './audit/event-relay.js';
import { ListPersonalEvents } from './audit/list-personal-events.js';
import { CatalogueController } from './catalogue/catalogue.controller.js';
import { KnownCatalogue } from './catalogue/known-catalogue.js';
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
import { SIGN_IN_OPTIONS, type SignInOptions } from './sign-in/sign-in-options.js';

/** What start-dashboard.ts creates from the settings. */
export interface DashboardModuleOptions {
  readonly signIn: SignIn;
  readonly outbox: EventOutbox;
  readonly personalEvents: ListPersonalEvents;
  readonly signInOptions: SignInOptions;
  readonly manage: ManageClient;
  readonly claimOwner: ClaimOwner;
  readonly attempts: AccountAttempts;
  readonly gateway: Gateway;
  readonly publicConfig: PublicConfig;
  readonly page: BuiltPage;
}

/** The dashboard: sign-in, sessions, a person's own keys, and the page. */
@Module({})
export class DashboardAppModule {
  static register(options: DashboardModuleOptions): DynamicModule {
    const {
      signIn,
      outbox,
      personalEvents,
      signInOptions,
      manage,
      claimOwner,
      attempts,
      gateway,
      publicConfig,
      page,
    } = options;
    return {
      module: DashboardAppModule,
      controllers: [
        SignInController,
        SessionController,
        KeysController,
        CatalogueController,
        AuditController,
        PageController,
      ],
      providers: [
        { provide: APP_GUARD, useClass: SameOriginGuard },
        { provide: APP_GUARD, useClass: SessionGuard },
        FindSession,
        KeyOwner,
        KnownCatalogue,
        CheckKey,
        PasswordGate,
        EventRelay,
        { provide: ListPersonalEvents, useValue: personalEvents },
        { provide: EventOutbox, useValue: outbox },
        { provide: ClaimOwner, useValue: claimOwner },
        { provide: AccountAttempts, useValue: attempts },
        { provide: SIGN_IN, useValue: signIn },
        { provide: SIGN_IN_OPTIONS, useValue: signInOptions },
        { provide: ManageClient, useValue: manage },
        { provide: Gateway, useValue: gateway },
        { provide: PublicConfig, useValue: publicConfig },
        { provide: BuiltPage, useValue: page },
      ],
    };
  }
}
