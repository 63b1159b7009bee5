import type { Socket } from 'node:net';
import { TcpSocket } from '@nestjs/microservices';
import { FramedSocket } from '#libs/keys-client';

/** The maximum number of bytes that a connection may send before its credential. A question has about 300. */
const MAX_UNAUTHENTICATED_BYTES = 4096;

/** How a message of our clients begins: its length, its pattern, and the credential as the first field of its data. */
const BEGINNING = /^\d+#\{"pattern":"[\w.-]+","data":\{"credential":("(?:[^"\\]|\\.)*")/;

/**
 * A connection to the verification RPC, for Nest's server, that may send little before its credential. The credential is looked for in the
 * first bytes, before a message is complete, because a gateway may begin with a report of a hundred kilobytes. A client
 * that sends its fields in another order must begin with a small message.
 */
export class AuthenticatingSocket extends TcpSocket {
  readonly #frames: FramedSocket;
  readonly #accepts: (credential: string) => boolean;
  readonly #onAuthenticated: () => void;
  #isAuthenticated = false;
  #received = 0;
  #beginning = '';

  constructor(
    socket: Socket,
    { accepts, onAuthenticated }: { accepts: (credential: string) => boolean; onAuthenticated: () => void },
  ) {
    super(socket);
    this.#frames = new FramedSocket(socket, (message) => socket.emit('message', message));
    this.#accepts = accepts;
    this.#onAuthenticated = onAuthenticated;
  }

  /** The credential was accepted: from now on the client may send large messages, and stay connected. */
  authenticate(): void {
    if (this.#isAuthenticated) return;
    this.#isAuthenticated = true;
    this.#beginning = '';
    this.#onAuthenticated();
  }

  protected override handleData(data: Buffer | string): void {
    if (this.#isAuthenticated || this.#mayContinue(data)) this.#frames.receive(data);
  }

  protected override handleSend(message: unknown, callback?: (err?: unknown) => void): void {
    this.#frames.send(message, callback);
  }

  #mayContinue(data: Buffer | string): boolean {
    this.#received += data.length;
    this.#beginning += data.toString().slice(0, MAX_UNAUTHENTICATED_BYTES - this.#beginning.length);
    if (this.#accepts(credentialIn(this.#beginning))) this.authenticate();
    else if (this.#received > MAX_UNAUTHENTICATED_BYTES)
      this.netSocket.destroy(new Error('too many bytes came before the credential of the verification RPC'));
    return !this.netSocket.destroyed;
  }
}

/** Empty if it is missing or incomplete. */
function credentialIn(beginning: string): string {
  const quoted = BEGINNING.exec(beginning)?.[1] ?? '""';
  try {
    return String(JSON.parse(quoted));
  } catch {
    return ''; // such as an escape that JSON does not have
  }
}
