import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Person } from './person.js';
import { World } from './world.js';

describe('the text of a key', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.stop());

  /** A person who sees a new key and has not copied it. */
  async function withKeyShown(): Promise<{ ada: Person; token: string }> {
    const ada = await world.signedIn();
    await ada.startCreating('Shown once');
    await ada.submit.click();
    return { ada, token: await ada.readKey() };
  }

  it('is gone after a reload', async () => {
    const { ada, token } = await withKeyShown();
    expect(await ada.browserState()).toContain(token);
    await ada.page.reload();
    await ada.sees('Shown once');
    expect(await ada.browserState()).not.toContain(token);
  });

  it('is gone after leaving the page and coming back', async () => {
    const { ada, token } = await withKeyShown();
    await ada.page.goto('/color-scheme.js');
    await ada.page.goBack();
    await ada.sees('Shown once');
    expect(await ada.browserState()).not.toContain(token);
  });

  it('is gone after switching tabs and going back', async () => {
    const ada = await world.signedIn();
    await ada.page.getByRole('tab', { name: 'Profile' }).click();
    await ada.page.getByRole('tab', { name: 'API keys' }).click();
    await ada.startCreating('Shown once');
    await ada.submit.click();
    const token = await ada.readKey();
    await ada.page.goBack();
    await ada.sees('User ID');
    await ada.page.goForward();
    await ada.sees('Shown once');
    expect(await ada.browserState()).not.toContain(token);
  });

  it('is closed only after confirming that it was saved', async () => {
    const { ada, token } = await withKeyShown();
    await ada.page.keyboard.press('Escape');
    await ada.sees('Have you saved the key?');
    await ada.page.getByRole('button', { name: 'Go back to the key' }).first().click();
    expect(await ada.readKey()).toBe(token);
    await ada.page.keyboard.press('Escape');
    await ada.press('I’ve saved it, close');
    await ada.dialog.first().waitFor({ state: 'hidden' });
    expect(await ada.browserState()).not.toContain(token);
  });

  it('is closed without a confirmation once it was copied', async () => {
    const { ada } = await withKeyShown();
    await ada.press('Copy key');
    await ada.sees('Copied');
    await ada.page.keyboard.press('Escape');
    await ada.dialog.waitFor({ state: 'hidden' });
  });

  it('can be downloaded as an .env file', async () => {
    const { ada, token } = await withKeyShown();
    const [download] = await Promise.all([ada.page.waitForEvent('download'), ada.press('Download .env')]);
    expect(download.suggestedFilename()).toBe('shown-once.env');
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe(`LE_BUREAU_API_KEY=${token}\n`);
    await download.delete();
  });
});
