import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BrowserContextOptions } from 'playwright-core';
import { call } from '#libs/testing';
import type { Person } from './person.js';
import { World } from './world.js';

/*
 * Walks through the states of the page and checks each with axe. If PICTURES names a folder, it also saves a screenshot
 * of each state there: npm run pictures.
 */
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** A capability that this version does not have. */
const WITHDRAWN = 'invoices:read';
const LOOKS: readonly (readonly [string, BrowserContextOptions])[] = [
  ['light', { colorScheme: 'light', viewport: { width: 1200, height: 760 } }],
  ['dark', { colorScheme: 'dark', viewport: { width: 1200, height: 760 } }],
  ['phone', { colorScheme: 'light', viewport: { width: 360, height: 740 } }],
];

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

describe('every state of the page', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ SECRET_SCANNING: 'trufflehog' });
  });
  afterAll(() => world.stop());

  it.each(LOOKS)(
    'is accessible and fits the screen: %s',
    async (look, options) => {
      const ada = await world.person(options);
      const found: string[] = [];
      const examine = async (state: string): Promise<void> => {
        await ada.page.evaluate(AXE);
        const violations = await ada.page.evaluate<Violation[]>(
          `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)`,
        );
        for (const { id, impact, nodes } of violations) {
          if (['serious', 'critical'].includes(impact)) found.push(`${state}: ${id} ${nodes[0]?.html ?? ''}`);
        }
        const overflow = await ada.page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        if (overflow > 0) found.push(`${state}: ${overflow} pixels wider than the screen`);
        await takePicture(ada, `${look}-${state}`);
      };
      await visitAll(world, ada, examine);
      expect(found).toEqual([]);
      expect(ada.complaints).toEqual([]);
    },
    120_000,
  );
});

async function visitAll(world: World, ada: Person, examine: (state: string) => Promise<void>): Promise<void> {
  const { page } = ada;
  await page.goto('/');
  await ada.sees('Sign in to Le Bureau');
  await examine('sign-in');
  await ada.press('Sign in');
  await ada.sees('Enter your email address.');
  await examine('sign-in-refused');
  await ada.signUp();
  await examine('no-keys');

  await ada.press('Create key');
  await ada.dialog.waitFor();
  await examine('create');
  await page.getByRole('checkbox', { name: 'Control desktops' }).check();
  await ada.submit.click();
  await examine('create-refused');
  await ada.dialog.getByLabel('Name', { exact: true }).fill('Production CI');
  await ada.submit.click();
  const token = await ada.readKey();
  await examine('shown-once');
  await ada.press('Test key');
  await ada.sees('It works.');
  await examine('tested');
  await page.getByRole('tab', { name: 'Claude Desktop' }).click();
  await examine('shown-once-claude-desktop');
  await page.keyboard.press('Escape');
  await ada.sees('Have you saved the key?');
  await examine('not-saved');
  await ada.press('I’ve saved it, close');
  await ada.dialog.first().waitFor({ state: 'hidden' });
  await ada.startCreating('Staging monitor');
  await page.getByRole('checkbox', { name: 'See scheduled jobs' }).check();
  await page.getByLabel('Expires').selectOption('In 30 days');
  await ada.submit.click();
  await ada.readKey();
  await ada.press('I’ve saved it');
  const exposed = await ada.createKey('Local MCP client');
  for (const path of ['/v1/me', '/v1/me', '/v1/schedules']) {
    await call(world.stack.gatewayUrl + path, token);
  }
  await lastUseIsShown(ada);
  await examine('keys');
  await page.getByRole('button', { name: 'Actions for Production CI' }).click();
  await page.getByRole('menuitem', { name: 'Revoke…' }).waitFor();
  await examine('menu');
  await page.keyboard.press('Escape');

  await withdrawCapability(world, 'Local MCP client');
  await call(`${world.stack.gatewayUrl}/reports/trufflehog`, undefined, {
    method: 'POST',
    body: JSON.stringify({ detector: { key: [exposed] } }),
  });
  await page.reload();
  await ada.sees(/^Exposed: found by TruffleHog on/);
  await ada.sees(WITHDRAWN);
  await page.getByText(WITHDRAWN).hover();
  await ada.sees('No longer offered');
  await examine('withdrawn-capability');

  await ada.choose('Production CI', 'Connect…');
  await examine('connect');
  await page.getByRole('tab', { name: 'VS Code' }).click();
  await examine('connect-vs-code');
  await ada.press('Done');
  await ada.choose('Production CI', 'Pause…');
  await examine('pause');
  await ada.press('Pause key');
  await ada.sees(/Paused\. \d gateways? confirmed/);
  await ada.press('Done');
  await page.getByRole('region', { name: 'Paused' }).getByText('Production CI').waitFor();
  await examine('paused');
  await ada.choose('Production CI', 'Resume…');
  await ada.press('Resume key');
  await ada.sees(/Resumed\. \d gateways? confirmed/);
  await ada.press('Done');
  await page.getByRole('region', { name: 'Paused' }).waitFor({ state: 'detached' });
  await ada.choose('Production CI', 'Details');
  await page.getByText('403 Forbidden').waitFor();
  await examine('details');
  await page.getByRole('link', { name: 'All keys' }).click();
  await ada.choose('Production CI', 'Recent activity');
  await ada.sees('403 Forbidden');
  await examine('activity');
  await ada.press('Done');
  await ada.choose('Local MCP client', 'Recent activity');
  await ada.sees('No recent requests');
  await examine('activity-none');
  await ada.press('Done');
  await ada.choose('Local MCP client', 'Details');
  await ada.sees(/, found by TruffleHog$/);
  await examine('details-exposed');
  await page.getByRole('link', { name: 'All keys' }).click();
  await ada.choose('Production CI', 'Revoke…');
  await ada.sees('Something probably still needs this key.');
  await examine('revoke-in-use');
  await ada.press('Cancel');

  await ada.choose('Production CI', 'Rotate…');
  await examine('rotate-1');
  await ada.press('Create replacement');
  await ada.readKey();
  await ada.press('I’ve saved it, next');
  await page.getByText('Last 24 hours').nth(1).waitFor();
  await examine('rotate-2');
  await ada.press('Retire old key');
  await page.getByRole('radio', { name: 'Now' }).check();
  await examine('rotate-3');
  await page.keyboard.press('Escape');

  await ada.choose('Staging monitor', 'Report a leak…');
  await examine('leaked');
  await ada.press('Revoke and replace');
  await ada.readKey();
  await examine('leaked-done');
  await ada.press('I’ve saved it');
  await ada.choose('Local MCP client', 'Revoke…');
  await examine('revoke');
  await ada.press('Revoke key');
  await ada.sees(/^Revoked\. /);
  await examine('revoked');
  await ada.press('Done');
  await page.getByRole('switch').click();
  await page.getByRole('heading', { name: 'Revoked' }).waitFor();
  await examine('inactive-keys');
  await page.getByRole('button', { name: 'Actions for Staging monitor' }).last().click();
  await page.getByRole('menuitem', { name: 'Details' }).waitFor();
  await examine('ended-menu');
  await page.getByRole('menuitem', { name: 'Details' }).click();
  await page.getByText('No recent requests').waitFor();
  await examine('details-revoked');
  await page.getByRole('link', { name: 'All keys' }).click();

  await failSignIns(world, ada);
  await page.getByRole('tab', { name: 'Audit log' }).click();
  await ada.sees('Signed in');
  await examine('audit-log');
  await ada.press('Show more');
  await ada.sees(/\b60 attempts, 50 of them blocked/);
  await page.getByRole('tab', { name: 'Profile' }).click();
  await ada.sees('User ID');
  await examine('profile');
  await page.getByRole('tab', { name: 'API keys' }).click();
  await ada.startCreating('Too late');
  await ada.context.setOffline(true);
  await ada.submit.click();
  await ada.sees('Connection lost while creating the key');
  await examine('connection-lost');
  await ada.context.setOffline(false);
  await ada.context.clearCookies();
  await ada.dialog.getByRole('button', { name: 'Try again' }).click();
  await ada.sees('Your session has ended');
  await examine('session-ended');
}

/** Gateways report uses after a second here, and the list is refreshed by reloading. */
async function lastUseIsShown({ page }: Person): Promise<void> {
  const row = page.locator('tr, li').filter({ hasText: 'Production CI' });
  const lastUsed = row.locator('time').nth(1);
  while ((await lastUsed.count()) === 0) {
    await page.reload();
    await row.waitFor();
  }
}

/** Somebody has failed to sign in as this person, on each of the last 60 days more often. */
async function failSignIns({ stack: { database } }: World, { context }: Person): Promise<void> {
  const session: { user: { id: string } } = await (await context.request.get('/api/session')).json();
  await database.query(
    `INSERT INTO audit_events (action, actor, address, owner_id, details, at)
     SELECT 'person.sign_in_failed', 'unknown', '203.0.113.' || n, $1,
            jsonb_build_object('method', 'password', 'attempts', n, 'limited', greatest(0, n - 10)),
            now() - n * interval '1 day'
       FROM generate_series(1, 60) n`,
    [session.user.id],
  );
}

/** Grants a key a capability that this version does not have, as after a rollback from a newer one. */
async function withdrawCapability({ stack: { database } }: World, name: string): Promise<void> {
  await database.query('ALTER TABLE api_keys DISABLE TRIGGER USER');
  await database.query(
    `UPDATE api_keys SET capabilities = capabilities || $1 WHERE name = $2 AND NOT capabilities @> $1`,
    [[WITHDRAWN], name],
  );
  await database.query('ALTER TABLE api_keys ENABLE TRIGGER USER');
}

async function takePicture({ page }: Person, name: string): Promise<void> {
  const { PICTURES } = process.env;
  if (PICTURES === undefined) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`), animations: 'disabled' });
}
