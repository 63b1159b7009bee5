import { describe, expect, it } from '@jest/globals';
import { FairQueue } from './fair-queue.js';

/** A task that the test ends. */
function task(name: string, started: string[]) {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return { end, run: () => (started.push(name), ended) };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Adds tasks in order; their names begin with their owner's. */
function put(queue: FairQueue, names: readonly string[]) {
  const started: string[] = [];
  const tasks = names.map((name) => task(name, started));
  const outcomes = names.map((name, index) => {
    const ran = queue.run(name.slice(0, 1), () => tasks[index]?.run() ?? Promise.resolve());
    return ran.then(({ outcome }) => outcome);
  });
  const endAll = async (): Promise<string[]> => {
    // More start as these end, and are ended by the same loop.
    for (const name of started) {
      tasks[names.indexOf(name)]?.end();
      await settle();
    }
    return Promise.all(outcomes);
  };
  return { started, endAll };
}

describe('tasks of several owners', () => {
  it('run alternately, those of one owner in order', async () => {
    const queue = new FairQueue({ running: 1, waiting: 8 });
    const { started, endAll } = put(queue, ['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'b2']);
    expect(await endAll()).toEqual(Array.from({ length: 7 }, () => 'done'));
    expect(started).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
    expect(queue).toMatchObject({ running: 0, waiting: 0, started: 7, refused: 0 });
  });

  it('share the queue: an owner with fewer waiting tasks displaces one of the owner with the most', async () => {
    const queue = new FairQueue({ running: 1, waiting: 4 });
    const { started, endAll } = put(queue, ['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'b1', 'b2', 'b3']);
    expect(queue).toMatchObject({ running: 1, waiting: 4 });
    expect(await endAll()).toEqual([
      'done',
      'done',
      'done',
      'queue_full',
      'queue_full',
      'queue_full',
      'done',
      'done',
      'queue_full',
    ]);
    expect(started).toEqual(['a1', 'a2', 'b1', 'a3', 'b2']);
    expect(queue).toMatchObject({ running: 0, waiting: 0, started: 5, refused: 4 });
  });

  it('continue after one has failed', async () => {
    const queue = new FairQueue({ running: 1, waiting: 1 });
    const failing = queue.run('a', () => Promise.reject(new Error('broken')));
    const next = queue.run('a', () => Promise.resolve('next'));
    await expect(failing).rejects.toThrow('broken');
    expect(await next).toEqual({ outcome: 'done', result: 'next' });
  });

  it('are refused at once if none may wait', async () => {
    const queue = new FairQueue({ running: 1, waiting: 0 });
    const { endAll } = put(queue, ['a1', 'b1']);
    expect(await endAll()).toEqual(['done', 'queue_full']);
  });
});
