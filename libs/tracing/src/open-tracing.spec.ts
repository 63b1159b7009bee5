import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

/** Says how many files of the SDK are loaded: with a gateway's and keys' code alone, and once there is a collector. */
const SCRIPT = `
  const loaded = () => Object.keys(require.cache).filter((path) => /opentelemetry.(sdk|exporter|otlp)/.test(path)).length;
  (async () => {
    await import('DIST/apps/gateway/src/start-gateway.js');
    await import('DIST/apps/keys/src/start-keys.js');
    const { openTracing } = await import('DIST/libs/tracing/src/index.js');
    const options = { service: 'keys', share: 1, callers: 'ours', onTrouble() {} };
    const off = await openTracing({ ...options, endpoint: undefined });
    const before = loaded();
    const on = await openTracing({ ...options, endpoint: 'http://127.0.0.1:1' });
    console.log(JSON.stringify([off === undefined, before, loaded() > 0]));
    await on.stop();
  })();`;

describe('tracing', () => {
  it('loads nothing of the SDK until there is a collector', () => {
    const script = SCRIPT.replaceAll('DIST', join(import.meta.dirname, '../../..'));
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual([true, 0, true]);
  });
});
