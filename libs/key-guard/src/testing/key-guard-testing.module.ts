import { type DynamicModule, Module } from '@nestjs/common';
import { KeyVerifier } from '#libs/key-verifier';
import { type TestKeys, openTestEngine } from '#libs/key-verifier/testing';
import { guardedModule } from '../key-guard.module.js';
import { KEY_GUARD_OPTIONS, type KeyGuardExtras, type KeyGuardOptions } from '../options.js';

/** The keys of a test, and what an application passes to `KeyGuardModule` that does not concern the keys service. */
export type KeyGuardTestingOptions = TestKeys &
  Pick<KeyGuardOptions, 'readBody' | 'throwsRefusals' | 'requestOf'> &
  Partial<KeyGuardExtras>;

/**
 * Instead of `KeyGuardModule` in a test's module, with keys of its own. The routes' rules are the real ones, and so are the
 * refusals. In a whole application, replace the engine: `overrideProvider(KeyVerifier)` with `openTestEngine`.
 */
@Module({})
export class KeyGuardTestingModule {
  static forRoot({ global, declare, ...options }: KeyGuardTestingOptions): DynamicModule {
    const definition = {
      module: KeyGuardTestingModule,
      providers: [
        { provide: KEY_GUARD_OPTIONS, useValue: options },
        { provide: KeyVerifier, useFactory: () => openTestEngine(options) },
      ],
    };
    return guardedModule(definition, {
      ...(global !== undefined && { global }),
      ...(declare !== undefined && { declare }),
    });
  }
}
