import { describe, expect, it } from '@jest/globals';
import { Desktop } from './desktop.js';

const FACTS = {
  id: 'dsk_1',
  name: 'Research',
  tier: 'pro',
  ipAddress: '192.0.2.10',
  createdAtMs: 0,
} as const;
const NOW = 1_000_000;

/** Its state that many seconds after `NOW`. */
const at = (desktop: Desktop, seconds: number): string => {
  const { status, agentReady, ipAddress } = desktop.view(NOW + seconds * 1000);
  return `${status}${agentReady ? ', agent ready' : ''}${ipAddress === null ? '' : ', has an address'}`;
};
const READY = 'running, agent ready, has an address';

describe('a desktop', () => {
  it('boots, runs, and has its agent ready a little later', () => {
    const desktop = new Desktop(FACTS, 'stopped');
    expect(at(desktop, 0)).toBe('stopped');
    desktop.start(NOW);
    expect([0, 2.999, 3, 4.999, 5].map((seconds) => at(desktop, seconds))).toEqual([
      'booting',
      'booting',
      'running, has an address',
      'running, has an address',
      READY,
    ]);
  });

  it('stops within 2 seconds, and its agent at once', () => {
    const desktop = new Desktop(FACTS, 'running');
    expect(at(desktop, 0)).toBe(READY);
    desktop.stop(NOW);
    expect([0, 1.999, 2].map((seconds) => at(desktop, seconds))).toEqual(['stopping', 'stopping', 'stopped']);
  });

  it('restarts by stopping first', () => {
    const desktop = new Desktop(FACTS, 'running');
    desktop.restart(NOW);
    expect([0, 2, 5, 7].map((seconds) => at(desktop, seconds))).toEqual([
      'stopping',
      'booting',
      'running, has an address',
      READY,
    ]);
  });

  it('boots at once if it is restarted while stopped', () => {
    const desktop = new Desktop(FACTS, 'stopped');
    desktop.restart(NOW);
    expect(at(desktop, 0)).toBe('booting');
  });

  it('ignores a repeated start or stop', () => {
    const desktop = new Desktop(FACTS, 'stopped');
    desktop.stop(NOW);
    expect(at(desktop, 0)).toBe('stopped');
    desktop.start(NOW);
    desktop.start(NOW + 4000);
    expect(at(desktop, 5)).toBe(READY);
    desktop.stop(NOW + 6000);
    desktop.stop(NOW + 7000);
    expect(at(desktop, 8)).toBe('stopped');
  });

  it('can be started again before it has stopped', () => {
    const desktop = new Desktop(FACTS, 'running');
    desktop.stop(NOW);
    desktop.start(NOW + 500);
    expect([at(desktop, 1), at(desktop, 2)]).toEqual(['stopping', 'booting']);

    const restarting = new Desktop(FACTS, 'running');
    restarting.restart(NOW);
    restarting.stop(NOW + 500);
    expect([at(restarting, 1), at(restarting, 2)]).toEqual(['stopping', 'stopped']);
  });

  it('says how long until it can be controlled', () => {
    const desktop = new Desktop(FACTS, 'stopped');
    expect(desktop.msUntilReady(NOW)).toBe(Infinity);
    desktop.start(NOW);
    expect(desktop.msUntilReady(NOW + 1000)).toBe(4000);
    expect(desktop.msUntilReady(NOW + 9000)).toBe(0);
  });
});
