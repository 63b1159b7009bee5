import { setTimeout as sleep } from 'node:timers/promises';
import { TEST_SECRETS, startDashboardProcess } from '#libs/testing';
import { launchChromium } from '../../test/dashboard/browser/chromium.js';
import { SERVER_CORE, pin } from '../machine.js';
import { median } from '../statistics.js';
import type { World } from '../world.js';

const VISITS = 15;

/** How long a visit lasts, in milliseconds: until long after the page has become interactive. */
const SETTLED_MS = 3000;

/**
 * Records when the sign-in page becomes interactive, by the page's clock, which starts with the visit: its field exists
 * and was painted, and the work for that is done.
 */
const NOTE_INTERACTIVE = `
  new MutationObserver((_changes, observer) => {
    if (document.querySelector('input[name=email]') === null) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => (window.interactiveAt = performance.now())));
  }).observe(document, { childList: true, subtree: true });`;

/** From the beginning of a visit, with nothing cached, until the sign-in page is interactive, in milliseconds. */
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
    // A new context knows nothing of earlier visits.
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.addInitScript(NOTE_INTERACTIVE);
    await page.goto(`${dashboard.url}/sign-in`, { waitUntil: 'commit' });
    // Playwright's own waiting would keep the page busy.
    await sleep(SETTLED_MS);
    const ms = await page.evaluate<number | undefined>('window.interactiveAt');
    if (ms === undefined) throw new Error(`the page is not interactive after ${SETTLED_MS} ms`);
    await page.getByLabel('E-mail').fill('ada@example.com');
    // The first visit starts the browser's processes.
    if (visit > 0) visits.push(ms);
    await context.close();
  }
  await browser.close();
  await dashboard.process.stop();
  return { visits: VISITS, medianMs: median(visits), slowestMs: Math.max(...visits) };
}
