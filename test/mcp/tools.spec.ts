import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from '@modelcontextprotocol/client';
import { LE_BUREAU } from '#libs/catalogue';
import { configurations } from '#libs/client-configuration';
import { InstalledBundle } from './bundle.js';
import { transportOf } from './client-configuration.js';
import { Product, WAYS } from './product.js';

/** What each capability lets a key use, in the order in which tools are listed: this is what the product promises. */
const PROMISED = {
  'desktop:read': ['desktops_list', 'desktops_get'],
  'desktop:lifecycle': ['desktops_start', 'desktops_stop', 'desktops_restart'],
  'desktop:control': [
    'desktop_exec_python',
    'desktop_screenshot',
    'desktop_click',
    'desktop_type',
    'desktop_key',
    'desktop_scroll',
    'desktop_drag',
  ],
  'desktop:chat': ['desktop_chat'],
  'schedule:read': ['schedules_list', 'schedules_get'],
  'schedule:write': ['schedules_create', 'schedules_update', 'schedules_run'],
  'kb:read': ['kb_search', 'kb_note'],
} as const;

let product: Product;
const tokens = new Map<string, string>();
beforeAll(async () => {
  product = await Product.start();
  for (const capability of LE_BUREAU.names)
    tokens.set(capability, (await product.stack.issue('ada', [capability])).token);
});
afterAll(() => product.stop());

const namesOf = async (client: Client): Promise<string[]> =>
  (await client.listTools()).tools.map(({ name }) => name);

describe.each(WAYS)('by $way, revision $revision', (way) => {
  it.each(Object.entries(PROMISED))(
    'a key with only %s sees its tools and no others',
    async (capability, names) => {
      const client = await product.connect(way, tokens.get(capability) ?? '');
      expect(await namesOf(client)).toEqual(names);
      await client.close();
    },
  );

  describe('a key with every capability', () => {
    let client: Client;
    let desktopId: string;
    beforeAll(async () => {
      // Each owner has desktops of their own.
      const owner = `grace-${way.way}-${way.revision}`;
      client = await product.connect(way, (await product.stack.issue(owner, LE_BUREAU.names)).token);
      const { desktops } = await result('desktops_list', { limit: 2 });
      desktopId = Object(desktops)[0].id;
    });
    afterAll(() => client.close());

    /** The data of a successful call: the client has checked it against the tool's output schema. */
    async function result(name: string, args: Record<string, unknown>): Promise<Record<string, unknown>> {
      const answer = await client.callTool({ name, arguments: args });
      expect({ name, content: answer.content, isError: answer.isError ?? false }).toMatchObject({
        isError: false,
      });
      expect(answer.content).toEqual([{ type: 'text', text: JSON.stringify(answer.structuredContent) }]);
      return Object(answer.structuredContent);
    }

    it('sees them all', async () => {
      expect(await namesOf(client)).toEqual(Object.values(PROMISED).flat());
    });

    it('reads desktops', async () => {
      expect(await result('desktops_get', { desktopId })).toMatchObject({ id: desktopId, status: 'running' });
    });

    it('controls one', async () => {
      const place = { desktopId, x: 10, y: 20 };
      expect(await result('desktop_click', { ...place, clicks: 2 })).toEqual({ done: true });
      expect(await result('desktop_scroll', { ...place, deltaY: 5 })).toEqual({ done: true });
      const line = { desktopId, fromX: 1, fromY: 2, toX: 3, toY: 4 };
      expect(await result('desktop_drag', line)).toEqual({ done: true });
      expect(await result('desktop_type', { desktopId, text: 'hello' })).toEqual({ done: true });
      expect(await result('desktop_key', { desktopId, keys: ['ctrl', 'c'] })).toEqual({ done: true });
      const ran = await result('desktop_exec_python', { desktopId, code: 'print(1)' });
      expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    });

    it('gets a screenshot as a picture', async () => {
      const { content } = await client.callTool({ name: 'desktop_screenshot', arguments: { desktopId } });
      expect(content).toEqual([
        { type: 'image', mimeType: 'image/png', data: expect.stringMatching(/^iVBORw0KGgo/) },
      ]);
    });

    it('gets the pieces of a reply before its end', async () => {
      const pieces: string[] = [];
      const answer = await client.callTool(
        { name: 'desktop_chat', arguments: { desktopId, message: 'Hello.' } },
        { onprogress: ({ message = '' }) => pieces.push(message) },
      );
      const { reply } = Object(answer.structuredContent);
      expect(pieces.length).toBeGreaterThan(1);
      // The SDK forgets who wants to know as soon as it has the result: the last piece may come too late for it.
      expect(reply).toContain(pieces.join(''));
      expect(await result('desktop_chat', { desktopId, message: 'Hello.' })).toMatchObject({
        reply: expect.any(String),
      });
    });

    it('starts, stops and restarts desktops, and is told why one cannot be controlled', async () => {
      const { desktops } = await result('desktops_list', {});
      const stopped = { desktopId: Object(desktops)[1].id };
      const screenshot = () => client.callTool({ name: 'desktop_screenshot', arguments: stopped });
      expect(await screenshot()).toEqual(refusal('This desktop is not running. Start it first.'));
      expect(await result('desktops_start', stopped)).toMatchObject({ status: 'booting' });
      const notReady = /^This desktop is not ready yet\. Try again\. Retry after \d seconds?\.$/;
      expect(await screenshot()).toEqual(refusal(expect.stringMatching(notReady)));
      expect(await result('desktops_stop', stopped)).toMatchObject({ status: 'stopping' });
      expect(await result('desktops_restart', { desktopId })).toMatchObject({ id: desktopId });
    });

    it('creates, changes, reads and runs scheduled jobs', async () => {
      const job = { name: 'Report', desktopId, prompt: 'Write it.', cron: '0 9 * * 1-5' };
      const { id: scheduleId } = await result('schedules_create', job);
      expect(await result('schedules_update', { scheduleId, paused: true })).toMatchObject({ paused: true });
      expect(await result('schedules_get', { scheduleId })).toMatchObject({ ...job, paused: true });
      expect(await result('schedules_run', { scheduleId })).toMatchObject({ id: scheduleId });
      expect(await result('schedules_list', { limit: 200 })).toMatchObject({ nextCursor: null });
    });

    it('searches and reads notes', async () => {
      const { notes } = await result('kb_search', { q: 'release' });
      const { path } = Object(notes)[0];
      expect(await result('kb_note', { path })).toMatchObject({ path });
    });
  });
});

describe('the ready configuration', () => {
  const titles = configurations({ gatewayUrl: '', key: '' }).filter(({ usesMcp }) => usesMcp);

  it.each(titles)('of $title connects', async ({ title }) => {
    const key = tokens.get('kb:read') ?? '';
    const all = configurations({ gatewayUrl: product.stack.gatewayUrl, key });
    const text = all.find((each) => each.title === title)?.text ?? '';
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(transportOf(title, text, key));
    expect(await namesOf(client)).toEqual(PROMISED['kb:read']);
    await client.close();
  });
});

describe('the bundle for Claude Desktop', () => {
  it('asks for key and URL, keeps the key secret, and starts the tools that it names', async () => {
    const bundle = InstalledBundle.install();
    const { tools = [], user_config: asked = {} } = bundle.manifest;
    expect(Object.entries(asked).map(([name, { sensitive }]) => [name, sensitive])).toEqual([
      ['le_bureau_api_key', true],
      ['le_bureau_api_url', false],
    ]);
    const { token } = await product.stack.issue('ada', LE_BUREAU.names);
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(
      await bundle.start({ le_bureau_api_key: token, le_bureau_api_url: product.stack.gatewayUrl }),
    );
    expect(await namesOf(client)).toEqual(tools.map(({ name }) => name));
    expect(client.getServerVersion()?.version).toBe(bundle.manifest.version);
    await client.close();
  });
});

/** A result with a sentence of what went wrong. */
function refusal(text: unknown): object {
  return expect.objectContaining({ isError: true, content: [{ type: 'text', text }] });
}
