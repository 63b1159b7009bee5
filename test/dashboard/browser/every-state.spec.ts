import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BrowserContextOptions } from 'playwright-core';
import type { Person } from './person.js';
import { World } from './world.js';

/*
 * Goes through what the page can look like, and lets axe examine each state. With PICTURES naming a folder, it takes
 * pictures as well: npm run pictures.
 */
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
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
    world = await World.start();
  });
  afterAll(() => world.stop());

  it.each(LOOKS)(
    'can be read and used by everybody: %s',
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
      await visitAll(ada, examine);
      expect(found).toEqual([]);
      expect(ada.complaints).toEqual([]);
    },
    120_000,
  );
});

async function visitAll(ada: Person, examine: (state: string) => Promise<void>): Promise<void> {
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
  await ada.readKey();
  await examine('shown-once');
  await page.keyboard.press('Escape');
  await ada.sees('Have you saved the key?');
  await examine('not-saved');
  await ada.press('I have it: close');
  await ada.dialog.first().waitFor({ state: 'hidden' });
  await ada.begin('Staging monitor');
  await page.getByRole('checkbox', { name: 'See scheduled jobs' }).check();
  await page.getByLabel('Expires').selectOption('In 30 days');
  await ada.submit.click();
  await ada.readKey();
  await ada.press('I have saved it');
  await ada.makeKey('Local MCP client');
  await examine('keys');
  await page.getByRole('button', { name: 'Actions for Production CI' }).click();
  await page.getByRole('menuitem', { name: 'Revoke' }).waitFor();
  await examine('menu');
  await page.keyboard.press('Escape');

  await ada.choose('Production CI', 'Recent activity');
  await ada.sees('Nothing was done with it');
  await examine('activity-none');
  await ada.press('Done');

  await ada.choose('Production CI', 'Rotate');
  await examine('rotate-1');
  await ada.press('Make the replacement');
  await ada.readKey();
  await ada.press('I have saved it: next');
  await examine('rotate-2');
  await ada.press('Retire the old key');
  await examine('rotate-3');
  await page.keyboard.press('Escape');

  await ada.choose('Staging monitor', 'It leaked');
  await examine('leaked');
  await ada.press('Revoke and replace now');
  await ada.readKey();
  await examine('leaked-done');
  await ada.press('I have saved it');
  await ada.choose('Local MCP client', 'Revoke');
  await examine('revoke');
  await ada.press('Revoke key');
  await ada.sees(/Revoked\. 2 gateways/);
  await examine('revoked');
  await ada.press('Done');
  await page.getByRole('switch').click();
  await page.getByRole('heading', { name: 'Revoked' }).waitFor();
  await examine('dead-keys');

  await page.getByRole('tab', { name: 'Profile' }).click();
  await ada.sees('User id');
  await examine('profile');
  await page.getByRole('tab', { name: 'API keys' }).click();
  await ada.begin('Too late');
  await ada.context.clearCookies();
  await ada.submit.click();
  await ada.sees('Your session has ended');
  await examine('session-ended');
}

async function takePicture({ page }: Person, name: string): Promise<void> {
  const { PICTURES } = process.env;
  if (PICTURES === undefined) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`), animations: 'disabled' });
}
