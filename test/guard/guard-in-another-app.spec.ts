import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunningProcess, Stack, TEST_SECRETS, call, freePort } from '#libs/testing';
import { codeInReadme, makeProject, makeVariant, startProject } from './another-project.js';

describe('another Nest application', () => {
  let stack: Stack;
  let env: Record<string, string>;
  beforeAll(async () => {
    stack = await Stack.start();
    env = {
      KEYS_VERIFY_URL: `tcp://127.0.0.1:${stack.keys[0]?.verifyPort ?? 0}`,
      KEYS_VERIFY_TOKEN: TEST_SECRETS.KEYS_VERIFY_TOKEN,
      KEY_TAG_SECRET: TEST_SECRETS.KEY_TAG_SECRET,
      REDIS_URL: stack.redis.url,
      PORT: String(await freePort()),
    };
  });
  afterAll(() => stack.stop());

  it('is guarded by the code in the README, compiled with the strictest types', async () => {
    const otherCapability = `
// @ts-expect-error -- it is not among the application's own
Capabilities('kb:raed');`;
    const main = await makeProject(codeInReadme('key-guard') + otherCapability);
    const app = await startProject(main, Number(env.PORT), env);
    const reports = `http://localhost:${env.PORT}/reports`;

    const { token, key } = await stack.issue('ada', ['kb:read']);
    const { token: other } = await stack.issue('ada', ['desktop:read']);
    expect(await call(reports, token)).toMatchObject({
      status: 200,
      body: { reports: [], of: 'ada@example.com' },
    });
    expect(await call(`${reports}/mine`, token)).toMatchObject({ status: 200, body: { keyId: key.id } });
    expect(await call(`${reports}/about`)).toMatchObject({ status: 200, body: { name: 'reports' } });

    const { headers } = await call(`${reports}/mine`, token);
    expect(headers.get('ratelimit-policy')).toBe('"per-key";q=60;w=60');
    expect(headers.get('ratelimit')).toMatch(/^"per-key";r=57;t=\d+$/);

    const missing = await call(reports);
    expect(missing).toMatchObject({
      status: 401,
      body: { code: 'credentials_missing', instance: '/reports' },
    });
    expect(missing.headers.get('www-authenticate')).toBe('Bearer realm="api"');
    expect(missing.headers.get('content-type')).toContain('application/problem+json');
    expect(missing.headers.get('cache-control')).toBe('no-store');
    const insufficient = await call(reports, other);
    expect(insufficient).toMatchObject({
      status: 403,
      body: { code: 'insufficient_scope', required: ['kb:read'], granted: ['desktop:read'] },
    });
    expect(insufficient.headers.get('ratelimit')).toContain('"per-key";r=59;');
    expect(insufficient.headers.get('www-authenticate')).toBe(
      'Bearer realm="api", error="insufficient_scope", scope="kb:read"',
    );

    // It counts as a gateway: a revocation waits for it, too.
    await stack.manage.revoke(key.id);
    expect((await call(reports, token)).status).toBe(401);
    // Both acknowledge, unless a busy machine keeps one from it.
    while ((await stack.manage.revoke((await stack.issue()).key.id)).gateways !== 2);

    for (let failures = 1; failures < 10; failures++)
      expect((await call(reports, 'sk_live_hello')).status).toBe(401);
    expect((await call(reports, other)).status).toBe(403); // a known key
    const { token: unknown } = await stack.issue('ada', ['kb:read']);
    const blocked = await call(reports, unknown);
    expect(blocked).toMatchObject({
      status: 429,
      body: { code: 'rate_limited', 'violated-policies': ['failed-authentications'] },
    });
    expect(Number(blocked.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect((await call(`${reports}/about`)).status).toBe(200);
    await app.stop();
    // By default, and reported before it stopped.
    expect((await stack.manage.get(key.id)).lastUsedAt).not.toBeNull();
  });

  it('can write refusals with its own exception filter', async () => {
    const code = codeInReadme('key-guard')
      .replace('import { Controller,', 'import { Catch, Controller, HttpException, type ArgumentsHost,')
      .replace('forRoot({', 'forRoot({ throwsRefusals: true,')
      .replace(
        'app.enableShutdownHooks();',
        `@Catch(HttpException)
         class InOurWords {
           catch(exception: HttpException, host: ArgumentsHost): void {
             host.switchToHttp().getResponse().status(exception.getStatus()).json({ sorry: exception.getResponse() });
           }
         }
         app.useGlobalFilters(new InOurWords());
         app.enableShutdownHooks();`,
      );
    const app = await startProject(makeVariant(code), Number(env.PORT), env);
    const refused = await call(`http://localhost:${env.PORT}/reports`, 'sk_live_hello');
    expect(refused).toMatchObject({ status: 401, body: { sorry: { code: 'invalid_token' } } });
    expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="api", error="invalid_token"');
    await app.stop();
  });

  it.each([
    ['Express', '', 799],
    ['Fastify', ', new FastifyAdapter()', 599],
  ])('shows in the activity of keys which route was called, on %s', async (_, adapter, odd) => {
    const code = codeInReadme('key-guard')
      .replace('import { Controller,', 'import { All, Controller, HttpCode, VersioningType,')
      .replace('@Controller', `import { FastifyAdapter } from '@nestjs/platform-fastify'; @Controller`)
      .replace(
        '@Get() ',
        `@All('any') @AnyValidKey() any() { return {}; }
         @Get('café') @AnyValidKey() cafe() { return {}; }
         @Get('odd') @AnyValidKey() @HttpCode(${odd}) odd() { return {}; }
         @Get() `,
      )
      .replace('create(AppModule', `create(AppModule${adapter}`)
      .replace(
        'app.enableShutdownHooks();',
        `app.setGlobalPrefix('api');
         app.enableVersioning({ type: VersioningType.URI, defaultVersion: ['1', '2'] });
         app.enableShutdownHooks();`,
      );
    const app = await startProject(makeVariant(code), Number(env.PORT), env);
    const { token, key } = await stack.issue('ada', ['kb:read']);
    const api = `http://localhost:${env.PORT}/api`;
    await call(`${api}/v1/reports`, token);
    await call(`${api}/v2/reports`, token);
    await call(`${api}/v1/reports/any`, token, { method: 'POST' });
    await call(`${api}/v1/reports/any`, token, { method: 'PUT' });
    await call(`${api}/v2/reports/caf%C3%A9`, token);
    await call(`${api}/v1/reports/odd`, token);
    await app.stop();
    const { activity } = await stack.manage.activity(key.id);
    expect(activity.map(({ route, status }) => `${route} ${status}`).sort()).toEqual([
      `GET /api/v1/reports 200`,
      `GET /api/v1/reports/odd ${odd}`,
      `GET /api/v2/reports 200`,
      // Express matches a pattern with the path as it was sent, which has no é.
      ...(adapter === '' ? [] : ['GET /api/v2/reports/caf%C3%A9 200']),
      `POST /api/v1/reports/any 200`,
      `PUT /api/v1/reports/any 200`,
    ]);
  });

  it('does not start with a message handler, which cannot be guarded, and names it', async () => {
    const code = codeInReadme('key-guard')
      .replace('@Controller', `import { MessagePattern } from '@nestjs/microservices'; @Controller`)
      .replace('@Get() ', `@MessagePattern('pay') pay() { return {}; } @Get() `);
    const app = new RunningProcess(process.execPath, [makeVariant(code)], env);
    expect(await app.exited).not.toBe(0);
    expect(app.stdout + app.stderr).toContain(
      'API keys guard HTTP routes only, not ReportsController.pay (messages). Say with the option requestOf where its key is; or guard it yourself, and declare it with @GuardedBy(...) or @Public().',
    );
    const declared = makeVariant(code.replace('@MessagePattern', '@Public() @MessagePattern'));
    const hybrid = await startProject(declared, Number(env.PORT), env);
    await hybrid.stop();
  });

  it('does not start with a route that says nothing, and names it', async () => {
    const main = makeVariant(codeInReadme('key-guard').replace('@AnyValidKey() mine', 'mine'));
    const app = new RunningProcess(process.execPath, [main], env);
    expect(await app.exited).not.toBe(0);
    expect(app.stdout + app.stderr).toContain(
      'Say who may call GET /reports/mine (ReportsController.mine): add @Capabilities(...), @AnyValidKey() or @Public().',
    );
  });
});
