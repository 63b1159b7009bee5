import { once } from 'node:events';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { freePort, until } from '#libs/testing';

/** An email that the server has taken: its bytes, and what a mail program makes of them. */
export interface ReceivedEmail {
  readonly to: string;
  readonly bytes: Buffer;
  readonly parsed: ParsedMail;
}

/**
 * What the server does with the next emails: it takes them; answers with a status, to the recipient or to the content; says
 * nothing any more; or closes the connection when it has read an email: without having taken it, or although it has.
 */
export type Reaction =
  'take' | { readonly recipient: number } | { readonly content: number } | 'stall' | 'drop' | 'take and drop';

/** A mail server, an external system: a real one that behaves as a test decides. */
export class Mailbox {
  readonly received: ReceivedEmail[] = [];
  reaction: Reaction = 'take';
  /** How many recipients the server was asked about. */
  asked = 0;
  #server: SMTPServer;

  private constructor(
    readonly port: number,
    private readonly options: SMTPServerOptions,
  ) {
    this.#server = this.#make();
  }

  /** Offers STARTTLS if it has a certificate, and demands a login if `options` can check one. */
  static async start(options: SMTPServerOptions = {}): Promise<Mailbox> {
    const isPlain = options.cert === undefined;
    const mailbox = new Mailbox(await freePort(), {
      logger: false,
      authOptional: options.onAuth === undefined,
      ...(isPlain && { disabledCommands: ['STARTTLS', 'AUTH'] }),
      ...options,
    });
    await mailbox.comeBack();
    return mailbox;
  }

  /** Waits until so many emails have come, and returns them. */
  async waitFor(count: number): Promise<readonly ReceivedEmail[]> {
    await until(() => this.received.length >= count);
    return this.received;
  }

  /** Stops it, as in an outage. */
  async stop(): Promise<void> {
    this.#disconnect();
    await new Promise<void>((resolve) => this.#server.close(resolve));
  }

  /** Starts it on the same port. */
  async comeBack(): Promise<void> {
    this.#server = this.#make();
    await once(this.#server.listen(this.port, '127.0.0.1'), 'listening');
  }

  #make(): SMTPServer {
    const server = new SMTPServer({
      ...this.options,
      onRcptTo: (_address, _session, done) => {
        this.asked++;
        const { reaction } = this;
        if (reaction === 'stall') return;
        done(
          typeof reaction === 'object' && 'recipient' in reaction ? refusal(reaction.recipient) : undefined,
        );
      },
      onData: (stream, session, done) => {
        void this.#read(stream, session.envelope.rcptTo.map(({ address }) => address).join()).then(done);
      },
    });
    // Clients that go away are none of its problems.
    server.on('error', () => undefined);
    return server;
  }

  async #read(stream: NodeJS.ReadableStream, to: string): Promise<Error | undefined> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(Buffer.from(chunk));
    const bytes = Buffer.concat(chunks);
    const { reaction } = this;
    if (typeof reaction === 'object' && 'content' in reaction) return refusal(reaction.content);
    if (reaction !== 'drop') this.received.push({ to, bytes, parsed: await simpleParser(bytes) });
    if (reaction === 'drop' || reaction === 'take and drop') this.#disconnect();
    return undefined;
  }

  #disconnect(): void {
    for (const connection of this.#server.connections) connection._socket.destroy();
  }
}

function refusal(responseCode: number): Error {
  return Object.assign(new Error(`5.1.1 <ada@example.com>: not now`), { responseCode });
}
