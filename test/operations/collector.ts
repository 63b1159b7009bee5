import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

const attribute = z
  .object({
    key: z.string(),
    value: z.object({
      stringValue: z.string().optional(),
      intValue: z.union([z.string(), z.number()]).optional(),
      boolValue: z.boolean().optional(),
    }),
  })
  .transform(
    ({ key, value }) => [key, value.stringValue ?? value.boolValue ?? Number(value.intValue)] as const,
  );
const attributes = z.array(attribute).transform((pairs) => Object.fromEntries(pairs));

/** The parts of an OTLP/HTTP request in JSON that tests look at. */
const exported = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes }),
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              traceId: z.string(),
              spanId: z.string(),
              parentSpanId: z.string().optional(),
              name: z.string(),
              kind: z.number(),
              attributes,
              links: z.array(z.object({ traceId: z.string() })).optional(),
              status: z.object({ code: z.number().optional() }).optional(),
            }),
          ),
        }),
      ),
    }),
  ),
});

/** A span as a collector gets it, with the service that has sent it. */
export type ExportedSpan = z.output<
  typeof exported
>['resourceSpans'][number]['scopeSpans'][number]['spans'][number] & { readonly service: unknown };

/** A trace collector, an external system: a real server that accepts OTLP over HTTP. */
export class Collector {
  readonly spans: ExportedSpan[] = [];
  /** Everything that was received, including headers. */
  received = '';

  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  static async start(): Promise<Collector> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('it has no port');
    const collector = new Collector(`http://127.0.0.1:${address.port}`, server);
    server.on('request', (req, res) => {
      const chunks: Buffer[] = [];
      req.on('data', (chunk: Buffer) => chunks.push(chunk));
      req.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        collector.#take(`${req.url ?? ''} ${JSON.stringify(req.headers)}`, body);
        res.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    return collector;
  }

  /** The spans for which `isOne` is true, once there are `count` of them. */
  async find(isOne: (span: ExportedSpan) => boolean, count = 1): Promise<ExportedSpan[]> {
    for (;;) {
      const found = this.spans.filter(isOne);
      if (found.length >= count) return found;
      await sleep(20);
    }
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    if (this.server.listening) await once(this.server, 'close');
  }

  #take(head: string, body: string): void {
    this.received += head + body;
    for (const { resource, scopeSpans } of exported.parse(JSON.parse(body)).resourceSpans)
      for (const { spans } of scopeSpans)
        for (const span of spans) this.spans.push({ ...span, service: resource.attributes['service.name'] });
  }
}
