import { describe, expect, it } from '@jest/globals';
import { newKeyId } from '#libs/key-format';
import type { Principal } from '#libs/keys-contract';
import { InProcessLog } from '#libs/revocations';
import { SILENT } from '../log.js';
import { RequestLimits } from './request-limits.js';

function key(rateLimitPerMinute: number | null = null): Principal {
  const owner = { id: 'ada', email: 'ada@example.com', emailVerified: false, role: 'user', tier: 'free' };
  return { keyId: newKeyId(), capabilities: ['desktop:read'], expiresAtMs: null, rateLimitPerMinute, owner };
}
const sender = { ip: '192.0.2.1' };

describe('the limits of a guard', () => {
  it('are 60 requests of a key and 10 failures of an address by default', async () => {
    const limits = await RequestLimits.open({}, 'none', new InProcessLog(), SILENT);
    expect(await limits.count(key())).toMatchObject({ quota: 60, remaining: 59 });
    for (let i = 0; i < 9; i++) limits.addFailure(sender);
    expect(limits.retryAfterSeconds(sender)).toBeUndefined();
    limits.addFailure(sender);
    expect(limits.retryAfterSeconds(sender)).toBe(60);
    await limits.close();
  });

  it('are as configured, or as the key was issued', async () => {
    const told = { perMinute: 5, failedAuthenticationsPerMinute: 1 };
    const limits = await RequestLimits.open(told, { log: new InProcessLog() }, new InProcessLog(), SILENT);
    expect(await limits.count(key())).toMatchObject({ quota: 5 });
    expect(await limits.count(key(600))).toMatchObject({ quota: 600 });
    limits.addFailure(sender);
    expect(limits.retryAfterSeconds(sender)).toBe(60);
    await limits.close();
  });

  it('are only absent if configured so', async () => {
    const limits = await RequestLimits.open('none', 'none', new InProcessLog(), SILENT);
    expect(await limits.count(key(1))).toBeUndefined();
    for (let i = 0; i < 100; i++) limits.addFailure(sender);
    expect(limits.retryAfterSeconds(sender)).toBeUndefined();
    await limits.close();
  });
});
