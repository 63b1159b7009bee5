import { describe, expect, it } from '@jest/globals';
import { KeyFormat, newKeyId } from '#libs/key-format';
import { type LogLevel, NestLog, createLog, withoutSecrets } from './log.js';

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
  it('is a JSON object a line, with level, time and service', () => {
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
  ])('shows the public part of a key and nothing behind it: %s', (_, write) => {
    const lines: string[] = [];
    write(logTo(lines));
    expect(lines.join('')).toContain(`sk_live_${id}_[redacted]`);
    expect(lines.join('')).not.toContain(key.slice(-46));
  });

  it('blacks out its own credentials, other bearer tokens and passwords in addresses', () => {
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

  it.each([`/v1/sk%5Flive%5F${id}%5F${key.slice(-46)}`, `/v1/${id}_${key.slice(-46)}`, `/v1/TOKEN_${key}`])(
    'knows a key however it is written: %s',
    (text) => {
      expect(withoutSecrets(text, [])).not.toContain(key.slice(-46));
    },
  );

  it('keeps of an error what it says and where, and nothing that a library has hung on it', () => {
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

  it('leaves everything else alone', () => {
    const text =
      'GET /v1/me by 0352dezfK9Gia0iM56jbgM, Bearer realm="api", tcp://127.0.0.1:3002, a user@example.com';
    expect(withoutSecrets(text, [])).toBe(text);
  });

  it('takes Nest’s chatter at the start for debug, and its errors for errors', () => {
    const lines: string[] = [];
    const nest = new NestLog(logTo(lines));
    nest.log('Mapped {/v1/me, GET} route', 'RouterExplorer');
    nest.error(new Error('boom'), 'App');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'error', context: 'App', msg: 'boom' });
  });
});
