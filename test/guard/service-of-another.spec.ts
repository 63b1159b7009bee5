import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunningProcess, Stack, call, freePort } from '#libs/testing';
import { codeInReadme, makeProject } from './another-project.js';

describe('a service of somebody else behind the gateway', () => {
  let stack: Stack;
  let service: RunningProcess;
  let url: string;
  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    stack = await Stack.start({ env: { UPSTREAM_DESKTOPS_URL: url, UPSTREAM_KB_URL: url } });
    const jwks = new URL('/.well-known/jwks.json', stack.gateways[0]?.metricsUrl).href;
    const code = codeInReadme('signed-identity')
      .replace(/http:\/\/gateway:\d+\/\.well-known\/jwks\.json/, jwks)
      .replace('listen(3010)', `listen(${port})`);
    service = new RunningProcess(process.execPath, [await makeProject(code)], {});
    await service.waitForOutput('Nest application successfully started');
  });
  afterAll(async () => {
    await service.stop();
    await stack.stop();
  });

  it('knows by the lines of the README who calls, compiled with the strictest types', async () => {
    const { token } = await stack.issue('ada', ['desktop:read']);
    expect(await call(`${stack.gatewayUrl}/v1/desktops`, token)).toMatchObject({
      status: 200,
      body: { of: 'ada' },
    });
  });

  it('lets nobody in who comes by another way', async () => {
    const { token } = await stack.issue('ada', ['desktop:read']);
    for (const key of [token, undefined]) expect((await call(`${url}/v1/desktops`, key)).status).toBe(401);
  });

  it('lets nobody in whom the gateway sends to another group of services', async () => {
    const { token } = await stack.issue('ada', ['kb:read']);
    // The gateway passes on no 401 of a service: it would tell the client that its key is dead.
    expect((await call(`${stack.gatewayUrl}/v1/kb/search?q=x`, token)).status).toBe(404);
  });
});
