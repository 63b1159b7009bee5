import { type MessageHandler, ServerTCP } from '@nestjs/microservices';

/**
 * Nest's server for messages, but that a pattern is a name, and nothing else. Nest reads each as JSON first, and an
 * exception for each message whose pattern is none costs keys more than all else that it does with the text.
 */
export class VerifyServer extends ServerTCP {
  override getHandlerByPattern(pattern: string): MessageHandler | null {
    return this.messageHandlers.get(pattern) ?? null;
  }
}
