import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Controller,
  type INestApplication,
  Module,
  type ModuleMetadata,
  SetMetadata,
  UseGuards,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientTCP, MessagePattern, Transport } from '@nestjs/microservices';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { firstValueFrom } from 'rxjs';
import { WebSocket } from 'undici';
import {
  AnyOf,
  Caller,
  Capabilities,
  type KeyGuardOptions,
  KeyGuard,
  OptionalKey,
  type Principal,
  Public,
} from '#libs/key-guard';
import { KeyGuardTestingModule, principal } from '#libs/key-guard/testing';
import { freePort } from '#libs/testing';

const keys = { reader: principal({ capabilities: ['invoices:read'], owner: { id: 'ada' } }) };

/** The key is in the message. */
const requestOf: KeyGuardOptions['requestOf'] = (context) => {
  const data = context.getArgByIndex<{ key?: string }>(context.getType() === 'ws' ? 1 : 0);
  return { req: { headers: data.key === undefined ? {} : { authorization: `Bearer ${data.key}` } } };
};

@Controller()
@UseGuards(KeyGuard)
class InvoiceMessages {
  @MessagePattern('read')
  @Capabilities('invoices:read')
  read(_: unknown, @Caller() { owner }: Principal) {
    return owner.id;
  }

  @MessagePattern('write')
  @Capabilities('invoices:write')
  write() {
    return 'written';
  }
}

@WebSocketGateway()
@UseGuards(KeyGuard)
class InvoiceSockets {
  @SubscribeMessage('read')
  @Capabilities('invoices:read')
  read(_: unknown, @Caller() { owner }: Principal) {
    return { event: 'read', data: owner.id };
  }
}

let app: INestApplication | undefined;
afterEach(() => app?.close());

async function create(
  metadata: ModuleMetadata,
  given: Partial<KeyGuardOptions> = {},
): Promise<INestApplication> {
  @Module({ ...metadata, imports: [KeyGuardTestingModule.forRoot({ keys, ...given })] })
  class AppModule {}
  app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
  app.useWebSocketAdapter(new WsAdapter(app));
  return app;
}

/** What stops the start of an application. */
async function mistakesOf(metadata: ModuleMetadata, given: Partial<KeyGuardOptions> = {}): Promise<string[]> {
  const created = await create(metadata, given);
  const failure: unknown = await created.init().then(
    () => undefined,
    (err: unknown) => err,
  );
  return failure instanceof Error ? failure.message.split('\n') : [];
}

describe('handlers of messages', () => {
  it('are guarded by the key in the message', async () => {
    const created = await create({ controllers: [InvoiceMessages] }, { requestOf });
    const port = await freePort();
    created.connectMicroservice({ transport: Transport.TCP, options: { port } });
    await created.startAllMicroservices();
    const client = new ClientTCP({ port });
    const ask = (pattern: string, data: object): Promise<unknown> =>
      firstValueFrom(client.send<unknown>(pattern, data)).catch((err: unknown) => ({ err }));
    expect(await ask('read', { key: 'reader' })).toBe('ada');
    for (const [pattern, data] of [
      ['read', {}],
      ['read', { key: 'forged' }],
      ['write', { key: 'reader' }],
    ] as const)
      expect(await ask(pattern, data)).toEqual({ err: expect.objectContaining({ status: 'error' }) });
    client.close();
  });
});

describe('handlers of WebSockets', () => {
  it('are guarded by the key in the message', async () => {
    const created = await create({ providers: [InvoiceSockets] }, { requestOf });
    await created.listen(0, '127.0.0.1');
    const socket = new WebSocket((await created.getUrl()).replace('http', 'ws'));
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    const ask = (data: object): Promise<unknown> =>
      new Promise((resolve) => {
        socket.addEventListener('message', (answer) => resolve(JSON.parse(String(answer.data))), {
          once: true,
        });
        socket.send(JSON.stringify({ event: 'read', data }));
      });
    expect(await ask({ key: 'reader' })).toEqual({ event: 'read', data: 'ada' });
    expect(await ask({ key: 'forged' })).toMatchObject({ event: 'exception' });
    expect(await ask({})).toMatchObject({ event: 'exception' });
    socket.close();
  });
});

describe('an application does not start, and names the handler,', () => {
  /** A resolver as @nestjs/graphql marks it, which need not be installed. */
  class InvoiceResolver {
    @SetMetadata('graphql:resolver_type', 'Query')
    invoices() {
      return [];
    }
  }

  const unreachable = (handler: string): string =>
    `API keys guard HTTP routes only, not ${handler}. Say with the option requestOf where its key is; or guard it yourself, and declare it with @GuardedBy(...) or @Public().`;

  it('if nothing says where the key is', async () => {
    expect(
      await mistakesOf({ controllers: [InvoiceMessages], providers: [InvoiceSockets, InvoiceResolver] }),
    ).toEqual([
      unreachable('InvoiceMessages.read (messages)'),
      unreachable('InvoiceMessages.write (messages)'),
      unreachable('InvoiceSockets.read (WebSocket messages)'),
      unreachable('InvoiceResolver.invoices (GraphQL)'),
    ]);
  });

  it('if it declares nothing', async () => {
    expect(await mistakesOf({ providers: [InvoiceResolver] }, { requestOf })).toEqual([
      'Say who may call InvoiceResolver.invoices (GraphQL): add @Capabilities(...), @AnyValidKey() or @Public().',
    ]);
  });

  it('if it is one for which Nest runs no global guard', async () => {
    @Controller()
    class UnguardedMessages {
      @MessagePattern('read')
      @AnyOf('invoices:read')
      read() {
        return 1;
      }

      @MessagePattern('ping')
      @Public()
      ping() {
        return 'pong';
      }
    }
    expect(await mistakesOf({ controllers: [UnguardedMessages] }, { requestOf })).toEqual([
      'UnguardedMessages.read (messages) requires a key, but KeyGuard does not guard it: add @UseGuards(KeyGuard), since Nest runs no global guard for it.',
    ]);
  });

  it('but does with what needs no key, or is guarded', async () => {
    class PublicResolver {
      @SetMetadata('graphql:resolver_type', 'Query')
      @Public()
      invoices() {
        return [];
      }
    }
    class GuardedResolver {
      @SetMetadata('graphql:resolver_type', 'Query')
      @OptionalKey()
      invoices() {
        return [];
      }
    }
    expect(await mistakesOf({ providers: [PublicResolver] })).toEqual([]);
    expect(await mistakesOf({ providers: [GuardedResolver] }, { requestOf })).toEqual([]);
  });
});
