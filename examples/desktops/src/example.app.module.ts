import { type DynamicModule, Module } from '@nestjs/common';
import { type PublicKeys, SignedIdentityModule } from '#libs/signed-identity/nest';
import { Clock } from './clock.js';
import { ChatController } from './desktops/chat.controller.js';
import { ControlController } from './desktops/control.controller.js';
import { DesktopsController } from './desktops/desktops.controller.js';
import { NotesController } from './kb/notes.controller.js';
import { SchedulesController } from './schedules/schedules.controller.js';
import { Worlds } from './worlds.js';

/** The three groups of services behind the gateway, in one small process. */
@Module({})
export class ExampleAppModule {
  static register(keys: PublicKeys, clock: Clock): DynamicModule {
    return {
      module: ExampleAppModule,
      imports: [SignedIdentityModule.register({ ...keys, audience: 'desktops', now: () => clock.now() })],
      controllers: [
        DesktopsController,
        ControlController,
        ChatController,
        SchedulesController,
        NotesController,
      ],
      providers: [Worlds, { provide: Clock, useValue: clock }],
    };
  }
}
