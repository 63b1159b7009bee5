import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Locator } from 'playwright-core';
import { until } from '#libs/testing';
import { differentShare, markShare } from './pixels.js';
import type { Person } from './person.js';
import { World } from './world.js';

/** As long as a name may be, with nothing to break it at. */
const LONG_NAME = 'A'.repeat(100);

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world.stop());

describe('the focus', () => {
  it('returns to what opened a dialog, in which a long name fits', async () => {
    const ada = await world.signedIn();
    await ada.createKey(LONG_NAME);
    await focusIsOn(ada, 'Create key');
    const menu = /^Actions for A+, …\w{4}, created /;
    for (const action of ['Recent activity', 'Connect…', 'Rotate…', 'Pause…', 'Revoke…', 'Report a leak…']) {
      await ada.choose(LONG_NAME, action);
      await ada.dialog.getByText(LONG_NAME).first().waitFor();
      expect({ action, overflow: await overflowOf(ada.dialog) }).toEqual({ action, overflow: 0 });
      await focusIsWithin(ada.dialog);
      await ada.page.keyboard.press('Escape');
      await ada.dialog.waitFor({ state: 'hidden' });
      await focusIsOn(ada, menu);
    }
    expect(ada.complaints).toEqual([]);
  });

  it('stays within a dialog whose content changes, and follows a key to another list', async () => {
    const ada = await world.signedIn();
    await ada.createKey('Moved');
    await ada.createKey('Other');
    await ada.choose('Moved', 'Pause…');
    await ada.press('Pause key');
    await ada.sees('Paused.');
    await focusIsWithin(ada.dialog);
    await ada.press('Done');
    await ada.page.getByRole('region', { name: 'Paused' }).getByText('Moved').waitFor();
    await focusIsOn(ada, /^Actions for Moved/);
    await ada.choose('Moved', 'Revoke…');
    await ada.press('Revoke key');
    await ada.sees('Revoked.');
    await focusIsWithin(ada.dialog);
    await ada.press('Done');
    await ada.page.getByText('Moved').waitFor({ state: 'hidden' });
    await focusIsOn(ada, /^Actions for Other/);
    await ada.choose('Other', 'Rotate…');
    await ada.press('Create replacement');
    await ada.readKey();
    await focusIsWithin(ada.dialog);
    await ada.press('I’ve saved it, next');
    await focusIsWithin(ada.dialog);
    await ada.press('Retire old key');
    await focusIsWithin(ada.dialog);
    await ada.page.getByRole('radio', { name: 'Now' }).check();
    await ada.press('Revoke old key');
    await ada.press('Done');
    await ada.page.getByText('Replaced by').waitFor({ state: 'hidden' });
    await focusIsOn(ada, /^Actions for Other/);
  });

  it('returns to a form that was filled in, which closes only when it is discarded', async () => {
    const ada = await world.signedIn();
    await ada.press('Create key');
    await ada.dialog.waitFor();
    // Nothing is lost yet.
    await ada.page.keyboard.press('Escape');
    await ada.dialog.waitFor({ state: 'hidden' });
    await ada.startCreating('Half done');
    await ada.page.keyboard.press('Escape');
    await ada.sees('Discard what you entered?');
    await ada.page.keyboard.press('Enter');
    await ada.page.getByText('Discard what you entered?').waitFor({ state: 'hidden' });
    await focusIsOn(ada, 'Name');
    expect(await ada.dialog.getByLabel('Name', { exact: true }).inputValue()).toBe('Half done');
    await ada.page.keyboard.press('Escape');
    await ada.press('Discard');
    await ada.dialog.first().waitFor({ state: 'hidden' });
    await focusIsOn(ada, 'Create key');
  });
});

describe('forced colors', () => {
  it('show what is chosen', async () => {
    const ada = await world.signedIn();
    await ada.page.emulateMedia({ forcedColors: 'active' });
    const { page } = ada;
    const tab = page.getByRole('tab', { name: 'Profile' });
    await differs(tab, () => tab.click());
    await page.getByRole('tab', { name: 'API keys' }).click();
    const inactive = page.getByRole('switch');
    await differs(inactive.locator('xpath=..').locator('.mantine-Switch-track'), () => inactive.click());
    await ada.startCreating('Seen');
    const box = page.getByRole('checkbox', { name: 'Read the knowledge base' });
    await differs(box.locator('xpath=..'), () => box.check());
    expect(await markShare(page, await box.locator('xpath=..').screenshot())).toBeGreaterThan(0.05);
    const preset = ada.dialog.getByRole('button', { name: 'Read-only' });
    await differs(preset, () => preset.click());
    await ada.submit.click();
    await ada.readKey();
    await ada.press('I’ve saved it');
    await ada.choose('Seen', 'Rotate…');
    await ada.press('Create replacement');
    await ada.readKey();
    await ada.press('I’ve saved it, next');
    await ada.press('Retire old key');
    const radio = page.getByRole('radio', { name: 'In 1 hour' });
    await differs(radio.locator('xpath=..'), () => radio.check());
    expect(await markShare(page, await radio.locator('xpath=..').screenshot())).toBeGreaterThan(0.05);
  });
});

describe('dates', () => {
  it.each([
    ['de-DE', 'Europe/Berlin', /^\d\d\.\d\d\.\d{4}$/, /\d\d\.\d\d\.\d{4}, \d\d:\d\d:\d\d (MEZ|MESZ)/],
    ['ja-JP', 'Asia/Tokyo', /^\d{4}\/\d\d\/\d\d$/, /\d{4}\/\d\d\/\d\d \d{1,2}:\d\d:\d\d JST/],
  ])('are as people write them in %s, with their time zone', async (locale, timezoneId, day, time) => {
    const ada = await world.signedIn({ locale, timezoneId });
    await ada.createKey('Abroad');
    const row = ada.page.getByRole('row', { name: /Abroad/ });
    expect(await row.locator('time').last().textContent()).toMatch(/^in 3 months/);
    for (const text of await row.locator('.exact-day').allTextContents()) expect(text).toMatch(day);
    await ada.choose('Abroad', 'Details');
    const expires = ada.page.getByRole('region', { name: 'Details' }).locator('time').last();
    expect(await expires.textContent()).toMatch(time);
    // As it was chosen, a day later, too.
    await ada.page.clock.setFixedTime(Date.now() + 86_400_000);
    await ada.page.goto('/settings');
    await until(
      async () => (await row.locator('time').last().textContent())?.startsWith('in 3 months') === true,
    );
  });
});

describe('a phone', () => {
  it('shows several keys at once, and breaks none of their texts', async () => {
    const ada = await world.signedIn({ viewport: { width: 360, height: 740 } });
    for (const name of ['One', 'Two', 'Three', 'Four', 'Five', 'Six']) await ada.createKey(name);
    const inSight = await ada.page.evaluate<number>(
      `[...document.querySelectorAll('.key-card')].filter((card) => card.getBoundingClientRect().bottom <= innerHeight).length`,
    );
    expect(inSight).toBeGreaterThanOrEqual(4);
    // A page of its own, which says whose it is to screen readers.
    await ada.choose('Six', 'Details');
    await ada.page.getByRole('region', { name: 'Details' }).waitFor();
    await focusIsOn(ada, 'Six');
    const broken = await ada.page.evaluate(
      `[...document.querySelectorAll('.unbroken, .public-part')]
         .filter((text) => text.offsetHeight > 30 || text.getBoundingClientRect().right > innerWidth)
         .map((text) => text.textContent)`,
    );
    expect(broken).toEqual([]);
    expect(await ada.page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
  });
});

/** What has the focus, by its label or text. */
async function focused({ page }: Person): Promise<string> {
  return page.evaluate<string>(`(() => {
    const { activeElement: element } = document;
    return element.ariaLabel ?? element.labels?.[0]?.textContent ?? element.textContent;
  })()`);
}

async function focusIsOn(ada: Person, name: string | RegExp): Promise<void> {
  let last = '';
  await until(async () => {
    last = await focused(ada);
    return typeof name === 'string' ? last === name : name.test(last);
  }).catch((err: unknown) => {
    throw new Error(`the focus is on "${last.slice(0, 200)}"`, { cause: err });
  });
}

/** The focus is in the dialog, which is not only a matter of what is behind it. */
async function focusIsWithin(dialog: Locator): Promise<void> {
  await until(() => dialog.evaluate((element) => element.contains(element.ownerDocument.activeElement)));
}

/** By how many pixels something in the dialog is wider than the dialog. */
async function overflowOf(dialog: Locator): Promise<number> {
  return dialog.evaluate((element) => {
    const { right } = element.getBoundingClientRect();
    const rights = [...element.querySelectorAll('*')].map((one) => one.getBoundingClientRect().right);
    return Math.max(0, Math.round(Math.max(...rights) - right));
  });
}

/** Fails unless a control looks different once it was chosen, by more than the outline of the focus. */
async function differs(control: Locator, choose: () => Promise<void>): Promise<void> {
  const page = control.page();
  const before = await control.screenshot();
  await choose();
  await page.mouse.move(0, 0);
  const share = await differentShare(page, before, await control.screenshot());
  expect({ control: String(control), isSeen: share > 0.1 }).toMatchObject({ isSeen: true });
}
