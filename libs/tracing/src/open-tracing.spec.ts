import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

/** Prints how many files of the SDK are loaded: with only the code of gateway and keys, and once there is a collector. */
const SCRIPT = `
  const loaded = () => Object.keys(require.cache).filter((path) => /opentelemetry.(sdk|exporter|otlp)/.test(path)).length;
  (async () => {
    await import('DIST/apps/gateway/src/start-gateway.js');
    await import('DIST/apps/keys/src/start-keys.js');
    const { openTracing } = await import('DIST/libs/tracing/src/index.js');
    const options = { service: 'keys', callers: 'ours', log: console };
    const off = await openTracing({ OTEL_TRACES_SAMPLER_ARG: 1 }, options);
    const before = loaded();
    const on = await openTracing(
      { OTEL_TRACES_SAMPLER_ARG: 1, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' },
      options,
    );
    console.log(JSON.stringify([off === undefined, before, loaded() > 0]));
    await on.stop();
  })();`;

describe('tracing', () => {
  it('does not load the SDK until there is a collector', () => {
    const script = SCRIPT.replaceAll('DIST', join(import.meta.dirname, '../../..'));
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual([true, 0, true]);
  });
});
