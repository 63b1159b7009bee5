import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunningProcess, Stack, TEST_SECRETS, call, freePort, runFolder, uniqueName } from '#libs/testing';

const ROOT = join(import.meta.dirname, '../..');

/** The code in the README of key-guard, as it stands there. */
function codeInReadme(): string {
  const readme = readFileSync(join(ROOT, 'libs/key-guard/README.md'), 'utf8');
  const lines = readme.split('\n').filter((line) => line.startsWith('    ') || line === '');
  return lines
    .map((line) => line.slice(4))
    .join('\n')
    .trim();
}

/** A project of somebody else's, with `main.ts` and this package installed; answers its folder. */
async function makeProject(main: string): Promise<string> {
  const folder = runFolder('projects', uniqueName('project'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  writeFileSync(join(folder, 'main.ts'), main);
  const compilerOptions = {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    noUncheckedIndexedAccess: true,
    noPropertyAccessFromIndexSignature: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    skipLibCheck: false,
    types: ['node'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['main.ts'] }));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules/le-bureau-api-keys'));
  for (const name of ['@nestjs', '@types', 'rxjs', 'reflect-metadata']) {
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  }
  const tsc = new RunningProcess(process.execPath, [
    join(ROOT, 'node_modules/typescript/bin/tsc'),
    '-p',
    folder,
  ]);
  const code = await tsc.exited;
  if (code !== 0) throw new Error(tsc.stdout);
  return folder;
}

describe('a Nest application of somebody else', () => {
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

  it('is guarded by the lines of the README, compiled with the strictest types', async () => {
    const folder = await makeProject(codeInReadme());
    const app = new RunningProcess(process.execPath, [join(folder, 'main.js')], env);
    await app.says('Nest application successfully started');
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
    expect(missing).toMatchObject({ status: 401, body: { code: 'credentials_missing' } });
    expect(missing.headers.get('www-authenticate')).toBe('Bearer realm="api"');
    const insufficient = await call(reports, other);
    expect(insufficient).toMatchObject({
      status: 403,
      body: { code: 'insufficient_scope', required: ['kb:read'], granted: ['desktop:read'] },
    });
    expect(insufficient.headers.get('ratelimit')).toContain('"per-key";r=59;');
    expect(insufficient.headers.get('www-authenticate')).toBe(
      'Bearer realm="api", error="insufficient_scope", scope="kb:read"',
    );

    // It counts among the gateways: a revocation waits for it, too.
    expect(await stack.manage.revoke(key.id)).toMatchObject({ gateways: 2, how: 'acknowledged' });
    expect((await call(reports, token)).status).toBe(401);

    for (let failures = 1; failures < 10; failures++)
      expect((await call(reports, 'sk_live_hello')).status).toBe(401);
    const shut = await call(reports, other);
    expect(shut).toMatchObject({
      status: 429,
      body: { code: 'rate_limited', 'violated-policies': ['failed-authentications'] },
    });
    expect(Number(shut.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect((await call(`${reports}/about`)).status).toBe(200);
    await app.stop();
    // Without a setting for it, and told before it ended.
    expect((await stack.manage.get(key.id)).lastUsedAt).not.toBeNull();
  });

  it('does not start with a route that says nothing, and names it', async () => {
    const folder = await makeProject(codeInReadme().replace('@AnyValidKey() mine', 'mine'));
    const app = new RunningProcess(process.execPath, [join(folder, 'main.js')], env);
    expect(await app.exited).not.toBe(0);
    expect(app.stdout + app.stderr).toContain(
      'Say who may call GET /reports/mine (ReportsController.mine): add @Capabilities(...), @AnyValidKey() or @Public().',
    );
  });
});
