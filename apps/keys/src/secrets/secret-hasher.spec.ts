import { readFileSync, readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SecretHasher } from './secret-hasher.js';

let hasher: SecretHasher;
beforeEach(() => {
  hasher = new SecretHasher({ cost: 10, concurrency: 2, queue: 1 });
});
afterEach(() => hasher.onApplicationShutdown());

describe('bcrypt', () => {
  it('accepts the hashed secret and no other', async () => {
    const hashed = await hasher.hash('ada', 'the secret');
    expect(hashed).toEqual({ outcome: 'done', result: expect.stringMatching(/^\$2b\$10\$/) });
    const hash = hashed.outcome === 'done' ? hashed.result : '';
    expect(await hasher.compare('ada', 'the secret', hash)).toEqual({ outcome: 'done', result: true });
    expect(await hasher.compare('ada', 'another', hash)).toEqual({ outcome: 'done', result: false });
  });

  it('bounds the runs in progress and the runs that wait, and refuses the rest', async () => {
    const runs = Promise.all([1, 2, 3, 4].map(() => hasher.hash('ada', 'the secret')));
    expect(hasher.stats('hash')).toMatchObject({ running: 2, waiting: 1, refused: 1 });
    expect((await runs).map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done', 'queue_full']);
    expect(hasher.stats('hash')).toMatchObject({ running: 0, waiting: 0, started: 3, refused: 1 });
  });

  it('keeps hashing and comparing in separate queues', async () => {
    const runs = Promise.all([1, 2, 3].map(() => hasher.hash('ada', 'the secret')));
    expect(await hasher.compare('ada', 'the secret', `$2b$04$${'x'.repeat(53)}`)).toEqual({
      outcome: 'done',
      result: false,
    });
    await runs;
  });

  it('rejects a run in progress when the service stops', async () => {
    const run = expect(hasher.hash('ada', 'the secret')).rejects.toThrow();
    await hasher.onApplicationShutdown();
    await run;
  });

  (process.platform === 'linux' ? it : it.skip)('runs at a lower priority than requests', async () => {
    const before = priorities();
    await hasher.hash('ada', 'the secret');
    const threads = [...priorities()].filter(([thread]) => !before.has(thread));
    expect(threads.map(([, nice]) => nice)).toContain(10);
    expect(new Map([...priorities()].filter(([thread]) => before.has(thread)))).toEqual(before);
  });
});

/** The niceness of each thread of this process; proc_pid_stat(5), field 19. */
function priorities(): Map<string, number> {
  const threads = readdirSync('/proc/self/task');
  return new Map(
    threads.map((thread) => {
      const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
      return [thread, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])];
    }),
  );
}
