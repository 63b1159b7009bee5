import {
  closeSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ServiceProcess, Stack, runFolder } from '#libs/testing';

/** The programs as they are compiled: V8 takes half a minute for the snapshot of a process whose code is in one file. */
const DIST = join(import.meta.dirname, '../..');

let folder: string;
let stack: Stack;
beforeEach(async () => {
  folder = mkdtempSync(join(runFolder('memory'), 'snapshots-'));
  const NODE_OPTIONS = `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${folder}`;
  stack = await Stack.start({ dist: DIST, env: { NODE_OPTIONS } });
});
afterEach(async () => {
  await stack.stop();
  rmSync(folder, { recursive: true }); // a hundred megabytes each
});

/** Calls `/v1/me` on a new connection: an open one keeps its last request in memory. */
function callOnce(token: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(`${stack.gatewayUrl}/v1/me`, { agent: false, headers: { authorization: `Bearer ${token}` } }, (res) =>
      res.resume().on('end', () => resolve(res.statusCode)),
    ).on('error', reject);
  });
}

/** Everything on a process's heap after a full garbage collection, as a V8 heap snapshot. */
async function heapOf({ process }: ServiceProcess): Promise<Buffer> {
  const known = readdirSync(folder);
  process.signal('SIGUSR2');
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const name = readdirSync(folder).find((name) => !known.includes(name));
    if (name !== undefined && isWhole(join(folder, name))) return readFileSync(join(folder, name));
  }
}

/** Whether it ends as a snapshot does, with its strings. It is long: until then, only its end is read. */
function isWhole(path: string): boolean {
  const file = openSync(path, 'r');
  const end = Buffer.alloc(10);
  readSync(file, end, { position: Math.max(fstatSync(file).size - end.length, 0) });
  closeSync(file);
  return end.toString().trimEnd().endsWith(']}');
}

describe('the memory of a process that knows keys', () => {
  it('contains their IDs and not their texts, both at a gateway that has cached them and at keys with their verdicts', async () => {
    const issued = [];
    for (let i = 0; i < 20; i++) issued.push(await stack.issue());
    for (const { token } of issued) expect(await callOnce(token)).toBe(200);

    const [gateway, keys] = [stack.gateways[0], stack.keys[0]?.service];
    if (gateway === undefined || keys === undefined) throw new Error('the stack has not started');
    for (const process of [gateway, keys]) {
      const heap = await heapOf(process);
      const has = (text: string): boolean => heap.includes(text, 0, 'latin1');
      expect(issued.filter(({ token }) => has(token.slice(-46, -14)))).toEqual([]);
      // It would have found them, since their IDs are there.
      expect(issued.every(({ key }) => has(key.id))).toBe(true);
    }
  });

  it('contains nothing of a refused request', async () => {
    const { token } = await stack.issue();
    const [gateway] = stack.gateways;
    if (gateway === undefined) throw new Error('the stack has not started');
    const secrets = [0, 1, 2, 3, 4].map((n) => `${n}MadeUpSecretThatNobodyElseHasEver`.slice(0, 32));
    for (const secret of secrets)
      expect(await callOnce(token.replace(/_\w{32}(\w{14})$/, `_${secret}$1`))).toBe(401);
    const heap = await heapOf(gateway);
    expect(secrets.filter((secret) => heap.includes(secret, 0, 'latin1'))).toEqual([]);
  });
});
