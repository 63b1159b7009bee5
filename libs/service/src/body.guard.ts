import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { readBody } from './read-body.js';

/**
 * Reads the body, as the last of an application's global guards: those before it have authenticated the sender.
 */
export class BodyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const reading = readBody(context);
    return reading === undefined || reading.then(() => true);
  }
}
