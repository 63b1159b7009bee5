import { KeyGuardModule } from '#libs/key-guard';
import { runApplication } from './application.js';
import { guardOptions } from './case-settings.js';

// Ours: the same application behind the guard, as any Nest service uses it.
await runApplication({ imports: [KeyGuardModule.forRoot(guardOptions())] });
