import { CaseServer } from '../case-server.js';
import { forgedKeys } from '../cases.js';
import { SERVER_CORE, cpuMicroseconds } from '../machine.js';
import type { World } from '../world.js';

/** How many texts a report has, and how many requests without a key it is compared with. */
const TEXTS = 1000;

/** How many reports, and how often as many requests, are sent: the processor time of a process is known to 10 ms. */
const TIMES = 100;
const AT_ONCE = 20;

/** What one report of {@link TEXTS} forged keys costs, and as many requests without a key, in ms of processor time. */
export interface ReportsMeasure {
  readonly texts: number;
  readonly report: { readonly gatewayMs: number; readonly keysMs: number };
  readonly requests: { readonly gatewayMs: number; readonly keysMs: number };
}

/** Reports forged keys to a gateway, each time from another address. */
export async function measureReports(world: World): Promise<ReportsMeasure> {
  const gateway = await CaseServer.startGateway({ ...world.env, TRUSTED_PROXIES: '127.0.0.1' }, SERVER_CORE);
  const body = JSON.stringify({ credentials: forgedKeys(TEXTS) });
  const report = async (i: number): Promise<void> => {
    const response = await fetch(`${gateway.url}/credentials/revoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': `198.51.${i >> 8}.${i & 255}` },
      body,
    });
    await expect(response, 202);
  };
  const ask = async (): Promise<void> => expect(await fetch(`${gateway.url}/v1/me`), 401);
  const measure = async (send: (i: number) => Promise<void>, times: number) => {
    const pids = [gateway.process.pid, world.keys.service.process.pid] as const;
    const before = pids.map(cpuMicroseconds);
    await repeat(send, times);
    const [ofGateway = 0, ofKeys = 0] = pids.map((pid, i) => cpuMicroseconds(pid) - (before[i] ?? 0));
    return { gatewayMs: ofGateway / TIMES / 1000, keysMs: ofKeys / TIMES / 1000 };
  };
  // To warm up.
  await repeat(report, AT_ONCE);
  await repeat(ask, TEXTS);
  const measured = {
    texts: TEXTS,
    report: await measure((i) => report(AT_ONCE + i), TIMES),
    requests: await measure(ask, TEXTS * TIMES),
  };
  await gateway.process.stop();
  return measured;
}

async function expect(response: Response, status: number): Promise<void> {
  await response.arrayBuffer();
  if (response.status !== status) throw new Error(`the gateway responded with ${response.status}`);
}

async function repeat(send: (i: number) => Promise<void>, times: number): Promise<void> {
  let next = 0;
  const sendAll = async (): Promise<void> => {
    while (next < times) await send(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sendAll));
}
