import { TEST_SECRETS, startDashboardProcess } from '#libs/testing';
import { launchChromium } from '../../test/browser/chromium.js';
import { SERVER_CORE, pin } from '../machine.js';
import { median } from '../statistics.js';
import type { World } from '../world.js';

const VISITS = 15;

/** From the beginning of a visit, with nothing cached, until the page of sign-in can be typed into, in milliseconds. */
export interface PageMeasure {
  readonly visits: number;
  readonly medianMs: number;
  readonly slowestMs: number;
}

/** Debian's Chromium on the core of the load, the dashboard on the other. */
export async function measurePage({ database, keys }: World): Promise<PageMeasure> {
  const dashboard = await startDashboardProcess({
    ...TEST_SECRETS,
    DASHBOARD_DATABASE_URL: database.url,
    KEYS_MANAGE_URL: keys.service.url,
    GATEWAY_URL: 'http://127.0.0.1:1',
  });
  pin(dashboard.process.pid, SERVER_CORE);
  const browser = await launchChromium();
  const visits: number[] = [];
  for (let visit = 0; visit <= VISITS; visit++) {
    // A context of its own knows nothing of the visits before.
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${dashboard.url}/sign-in`, { waitUntil: 'commit' });
    await page.getByLabel('E-mail').fill('ada@example.com');
    // The page's own clock, which began with the visit.
    const ms = await page.evaluate<number>('performance.now()');
    // The first one starts the browser's processes.
    if (visit > 0) visits.push(ms);
    await context.close();
  }
  await browser.close();
  await dashboard.process.stop();
  return { visits: VISITS, medianMs: median(visits), slowestMs: Math.max(...visits) };
}
