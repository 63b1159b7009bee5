import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningProcess, Stack, call, freePort } from '#libs/testing';
import { codeInReadme, makeProject, startProject } from './another-project.js';

describe('another service behind the gateway', () => {
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
    service = await startProject(await makeProject(code), port);
  });
  afterAll(async () => {
    await service.stop();
    await stack.stop();
  });

  it('gets the caller’s identity by the code in the README, compiled with the strictest types', async () => {
    const { token } = await stack.issue('ada', ['desktop:read']);
    expect(await call(`${stack.gatewayUrl}/v1/desktops`, token)).toMatchObject({
      status: 200,
      body: { of: 'ada' },
    });
  });

  it('refuses requests that do not come through the gateway', async () => {
    const { token } = await stack.issue('ada', ['desktop:read']);
    for (const key of [token, undefined]) expect((await call(`${url}/v1/desktops`, key)).status).toBe(401);
  });

  it('refuses identities for another group of services', async () => {
    const { token } = await stack.issue('ada', ['kb:read']);
    // The gateway does not forward a service's 401, from which the client would conclude that its key is invalid.
    expect((await call(`${stack.gatewayUrl}/v1/kb/search?q=x`, token)).status).toBe(404);
  });
});
