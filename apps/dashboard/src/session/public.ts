import { type CustomDecorator, SetMetadata } from '@nestjs/common';

/** Metadata key of {@link Public}. */
export const IS_PUBLIC = 'dashboard:public';

/** Opens a route, or all of a controller, to everybody. All others require a session. */
export function Public(): CustomDecorator {
  return SetMetadata(IS_PUBLIC, true);
}
