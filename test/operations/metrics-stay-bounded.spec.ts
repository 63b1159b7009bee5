import { randomBytes, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KeyFormat, newKeyId } from '#libs/key-format';
import { type ServiceProcess, Stack, TEST_SECRETS, until } from '#libs/testing';
import { Visitor } from '../dashboard/visitor.js';

/*
 * Requests must not create time series: strangers who could do so could fill the memory of the service, and of Prometheus.
 * Unusual requests are sent twice, with other values each time; the second time must add no series.
 */
describe('the time series of a stack', () => {
  let stack: Stack;
  let services: ServiceProcess[];
  beforeAll(async () => {
    stack = await Stack.start({ dashboards: 1 });
    services = [...stack.keys.map(({ service }) => service), ...stack.gateways, ...stack.dashboards];
  });
  afterAll(() => stack.stop());

  const METHODS = [
    'GET',
    'POST',
    'PUT',
    'DELETE',
    'PATCH',
    'HEAD',
    'OPTIONS',
    'PROPFIND',
    'M-SEARCH',
    'LOCK',
  ];
  const odd = (): string => randomBytes(6).toString('hex');

  /** Everything that this test has sent, none of which may appear. */
  const sent: string[] = [];
  const noted = (text: string): string => {
    sent.push(text);
    return text;
  };

  async function send(url: string, method: string, headers: Record<string, string>): Promise<void> {
    await new Promise<void>((resolve) => {
      const { hostname, port } = new URL(url);
      request({ hostname, port, path: url.slice(new URL(url).origin.length), method, headers }, (res) => {
        res.resume().on('close', resolve);
      })
        .on('error', () => resolve())
        .end();
    });
  }

  function keysToTry(): string[] {
    const genuine = new KeyFormat({ prefix: 'sk_live', tagSecrets: [TEST_SECRETS.KEY_TAG_SECRET] });
    const forged = new KeyFormat({ prefix: 'sk_live', tagSecrets: [odd().repeat(4)] });
    return [genuine.print(newKeyId()).text, forged.print(newKeyId()).text, `sk_live_${odd()}`, odd()];
  }

  async function sendOddRequests(): Promise<void> {
    const { token, key } = await stack.issue(noted(`owner-${odd()}`));
    const keys = [token, ...keysToTry()].map(noted);
    const paths = [
      ...['/', '/v1/', '/v1/desktops/', '/v1/kb/notes/', '/owners/', '/keys/', '/api/keys/', '/assets/'].map(
        (path) => path + noted(odd()),
      ),
      `/v1/desktops/${key.id}/${noted(odd())}?${noted(odd())}=${noted(odd())}`,
      `/keys/${noted(key.id)}`,
      '/v1/%zz',
      '/v1/me',
      '/v1/desktops',
    ];
    for (const { url } of services)
      for (const path of paths)
        for (const [i, method] of METHODS.entries())
          await send(url + path, method, {
            authorization: `Bearer ${keys[i % keys.length] ?? ''}`,
            'x-request-id': noted(randomUUID()),
          });
    for (const { url } of services) await sendUnreadable(url);
    for (const one of keys)
      await send(`${stack.gatewayUrl}/v1/me`, 'GET', { authorization: `Bearer ${one}` });
    await stack.manage.revoke(key.id);
    const visitor = new Visitor(stack.dashboardUrl);
    await visitor.signUp();
    await visitor.post('/api/auth/sign-in/email', { email: `${odd()}@example.com`, password: noted(odd()) });
    sent.push(visitor.email, visitor.password);
  }

  /** An unknown method. */
  async function sendUnreadable(url: string): Promise<void> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined).end(`${noted(odd())} / HTTP/1.1\r\nhost: x\r\n\r\n`);
    await new Promise((resolve) => socket.resume().on('close', resolve));
  }

  /** For each service: names and labels without numbers, and the whole text. */
  async function shown(): Promise<{ series: string[]; text: string }> {
    const lines = (await Promise.all(services.map((service) => service.metrics('')))).map((lines, i) =>
      lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => `${i} ${line}`),
    );
    const series = lines.flat().map((line) => line.slice(0, line.lastIndexOf(' ')));
    return { series: [...new Set(series)].sort(), text: lines.flat().join('\n') };
  }

  it('do not depend on unusual paths, methods and keys, and do not contain them', async () => {
    await sendOddRequests();
    // The dashboard reports sign-ins a moment later.
    await until(
      async () => (await stack.manage.listAuditEvents({ action: 'person.signed_in' })).events.length > 0,
    );
    const { series } = await shown();
    await sendOddRequests();
    const { series: later, text } = await shown();
    // Node.js only shows resources that are currently in use, and garbage collections that have happened.
    const ours = later.filter((one) => !/^\d nodejs_/.test(one));
    expect(ours.filter((one) => !series.includes(one))).toEqual([]);
    expect(text).toContain('route="unmatched"');
    expect(text).toContain('method="other"');
    for (const secret of [...sent, ...Object.values(TEST_SECRETS)]) expect(text).not.toContain(secret);
  });
});
