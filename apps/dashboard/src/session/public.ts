import { type CustomDecorator, SetMetadata } from '@nestjs/common';

/** Where a route says that it is for those, too, who are not signed in. */
export const SIGNED_OUT_TOO = 'dashboard:signed-out-too';

/** Opens a route, or all of a controller, to everybody. What does not say so is for those who are signed in. */
export function Public(): CustomDecorator {
  return SetMetadata(SIGNED_OUT_TOO, true);
}
