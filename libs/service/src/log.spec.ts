import { describe, expect, it } from '@jest/globals';
import { KeyFormat, newKeyId } from '#libs/key-format';
import { type LogLevel, createLog } from './log.js';
import { NestLog, withLog } from './nest-log.js';

const id = newKeyId();
const key = new KeyFormat({ prefix: 'sk_live', tagSecrets: ['x'] }).print(id).text;

function logTo(
  lines: string[],
  level: LogLevel = 'info',
  secrets: string[] = [],
): ReturnType<typeof createLog> {
  return createLog({
    service: 'keys',
    level,
    secrets,
    destination: { write: (line) => void lines.push(line) },
  });
}

describe('the log', () => {
  it('has a JSON object per line, with level, time and service', () => {
    const lines: string[] = [];
    logTo(lines).info({ status: 200 }, 'request');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'info',
      service: 'keys',
      status: 200,
      msg: 'request',
    });
  });

  it.each([
    ['a key in a message', (log: ReturnType<typeof createLog>) => log.info(`refused ${key}`)],
    ['a key in a field', (log: ReturnType<typeof createLog>) => log.info({ path: `/v1/${key}/x` })],
    [
      'a key in an error of a library',
      (log: ReturnType<typeof createLog>) => log.error(new Error(`cannot parse {"key":"${key}"}`)),
    ],
    [
      'a key in a cause',
      (log: ReturnType<typeof createLog>) => log.error(new Error('x', { cause: new Error(key) })),
    ],
    [
      'through Nest',
      (log: ReturnType<typeof createLog>) => new NestLog(log).error(`bad packet ${key}`, 'stack', 'TCP'),
    ],
  ])('shows only the public part of a key: %s', (_, write) => {
    const lines: string[] = [];
    write(logTo(lines));
    expect(lines.join('')).toContain(`sk_live_${id}_[redacted]`);
    expect(lines.join('')).not.toContain(key.slice(-46));
  });

  it('redacts the service’s credentials, other bearer tokens and passwords in URLs', () => {
    const lines: string[] = [];
    const log = logTo(lines, 'info', ['the-manage-token', '']);
    log.warn(
      { header: 'Bearer abcdefgh12345678', url: 'postgres://keys:hunter2@db/keys' },
      'sent the-manage-token',
    );
    expect(lines.join('')).toContain(
      '"header":"Bearer [redacted]","url":"postgres://keys:[redacted]@db/keys"',
    );
    expect(lines.join('')).toContain('sent [redacted]');
  });

  it('has an error’s message and stack, and no properties that a library has added', () => {
    const lines: string[] = [];
    const hash = '$2b$12$abcdefghijklmnopqrstuvabcdefghijklmnopqrstuvabcdefghijk';
    const err = Object.assign(new Error(`failing row (${hash})`), {
      code: '23502',
      parameters: ['a parameter', hash],
    });
    logTo(lines).error({ err });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ err: { type: 'Error', code: '23502' } });
    expect(lines[0]).not.toContain('a parameter');
    expect(lines[0]).not.toContain('$2b$12$abc');
  });

  it.each([
    ['a path', (log: ReturnType<typeof createLog>, text: string) => log.info({ path: text }, 'request')],
    ['a message', (log: ReturnType<typeof createLog>, text: string) => log.info(text)],
    ['an error', (log: ReturnType<typeof createLog>, text: string) => log.info({ err: new Error(text) })],
  ])('truncates long texts of strangers: %s', (_, write) => {
    const lines: string[] = [];
    write(logTo(lines), 'x'.repeat(120_000));
    expect(lines[0]?.length).toBeLessThan(8000);
    expect(lines[0]).toMatch(/x{2048}… \[cut\].*\n$/);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', service: 'keys' });
  });

  it('has the stack of an error with a long message', () => {
    const lines: string[] = [];
    logTo(lines).error({ err: new Error('x'.repeat(50_000)) });
    expect(lines[0]).toContain('log.spec.');
  });

  it('never cuts a key or credential in two, wherever it is, however much is redacted before it', () => {
    const credential = `the-manage-token-"${'0123456789'.repeat(4)}`;
    for (const before of ['x', `${key} `, `${credential} `])
      for (const [secret, part] of [
        [key, key.slice(-46, -30)],
        [credential, credential.slice(0, 30)],
      ] as const)
        for (let at = 1900; at < 7000; at += 7) {
          const lines: string[] = [];
          const text = `${before.repeat(Math.floor(at / before.length)).padEnd(at, 'x')}${secret}`;
          logTo(lines, 'info', [credential]).info({ text: text.padEnd(9000, '.') });
          expect(JSON.parse(lines[0] ?? '').text).not.toContain(part);
        }
  });

  it('replaces a line that is too long with a short one that says so', () => {
    const lines: string[] = [];
    logTo(lines).warn({ requestId: '1', many: Array.from({ length: 10_000 }, () => 'an error') }, 'x');
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'warn',
      time: expect.any(String),
      service: 'keys',
      requestId: '1',
      msg: 'a line too long to be written',
    });
  });

  it('logs Nest’s messages at start as debug, and its errors as errors', () => {
    const lines: string[] = [];
    const nest = new NestLog(logTo(lines));
    nest.log('Mapped {/v1/me, GET} route', 'RouterExplorer');
    nest.error(new Error('boom'), 'App');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'error', context: 'App', msg: 'boom' });
  });

  it('is that of the service that does the work, if several share a process', async () => {
    const keys: string[] = [];
    const gateway: string[] = [];
    const nest = new NestLog(logTo(gateway));
    await withLog(logTo(keys), async () => {
      await Promise.resolve();
      nest.warn('from keys', 'Relay');
    });
    nest.warn('from the gateway', 'KeyGuard');
    expect(keys.join('')).toContain('from keys');
    expect(gateway.join('')).toContain('from the gateway');
    expect([keys.length, gateway.length]).toEqual([1, 1]);
  });
});
