import { beforeEach, describe, expect, it } from '@jest/globals';
import { InProcessLog, NOWHERE } from '#libs/revocations';
import { GatewayCount } from './gateway-count.js';

/** A log that can be unavailable. */
class FlakyLog extends InProcessLog {
  isDown = false;

  override members(): ReturnType<InProcessLog['members']> {
    return this.isDown ? Promise.reject(new Error('away')) : super.members();
  }
}

let now: number;
let log: FlakyLog;
let gateways: GatewayCount;
let heard: number[];
beforeEach(() => {
  now = 0;
  heard = [];
  log = new FlakyLog();
  const clock = { now: () => now, wait: () => Promise.resolve() };
  gateways = new GatewayCount({ log, clock, onChange: (count) => heard.push(count) });
});

let beat = 0;
async function renew(...instances: string[]): Promise<void> {
  for (const instance of instances)
    await log.renew({ instance, beat: ++beat, identity: null, position: NOWHERE });
}

describe('the number of gateways', () => {
  it('is 1 before any is known', async () => {
    expect(gateways.count).toBe(1);
    await gateways.look();
    expect(gateways.count).toBe(1);
    expect(heard).toEqual([]);
  });

  it('is how many follow the log', async () => {
    await renew('a', 'b', 'c');
    await gateways.look();
    expect(gateways.count).toBe(3);
    await log.remove('a');
    await gateways.look();
    expect(gateways.count).toBe(2);
    expect(heard).toEqual([3, 2]);
  });

  it('stays the same while the log is unavailable', async () => {
    await renew('a', 'b', 'c');
    await gateways.look();
    log.isDown = true;
    await expect(gateways.look()).rejects.toThrow('away');
    expect(gateways.count).toBe(3);
  });

  it('does not count one that has not renewed for a minute: it was killed', async () => {
    await renew('a', 'b');
    await gateways.look();
    now = 59_999;
    await renew('a');
    await gateways.look();
    expect(gateways.count).toBe(2);
    now = 60_000;
    await gateways.look();
    expect(gateways.count).toBe(1);
    await renew('b'); // it was only cut off
    await gateways.look();
    expect(gateways.count).toBe(2);
  });
});
