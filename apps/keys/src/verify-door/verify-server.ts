import { type MessageHandler, ServerTCP } from '@nestjs/microservices';

/**
 * Nest's server for messages, but that a pattern is a name, and nothing else. Nest reads each as JSON first, and
 * throws and catches an exception for each message whose pattern is none, as ours are.
 */
export class VerifyServer extends ServerTCP {
  override getHandlerByPattern(pattern: string): MessageHandler | null {
    return this.messageHandlers.get(pattern) ?? null;
  }
}
