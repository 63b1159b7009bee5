import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { World } from './world.js';

describe('creating a key while responses are lost', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.stop());

  it('says that the connection was lost, keeps what was typed, and succeeds on retry', async () => {
    const ada = await world.signedIn();
    await ada.startCreating('Offline');
    await ada.page.getByRole('checkbox', { name: 'Read the knowledge base' }).check();
    await ada.context.setOffline(true);
    await ada.submit.click();
    await ada.sees('Connection lost while creating the key');
    expect(await ada.dialog.getByLabel('Name', { exact: true }).inputValue()).toBe('Offline');
    expect(await ada.page.getByRole('checkbox', { name: 'Read the knowledge base' }).isChecked()).toBe(true);
    await ada.context.setOffline(false);
    await ada.dialog.getByRole('button', { name: 'Try again' }).click();
    await ada.readKey();
    expect(await ada.keyNames()).toEqual(['Offline']);
  });

  it('says that a key was created but never arrived, and replaces it', async () => {
    const ada = await world.signedIn();
    await ada.startCreating('Lost answer');
    // The backend creates the key, but its response is lost.
    await ada.page.route(
      (url) => url.pathname === '/api/keys',
      async (route) => {
        if (route.request().method() !== 'POST') return route.continue();
        await route.fetch();
        await route.abort('connectionreset');
      },
      { times: 1 },
    );
    await ada.submit.click();
    await ada.sees('Connection lost while creating the key');
    await ada.dialog.getByRole('button', { name: 'Try again' }).click();
    await ada.sees('The key was created, but it never reached your browser');
    expect(await ada.keyNames()).toEqual(['Lost answer']);
    await ada.press('Revoke and create a new one');
    await ada.readKey();
    const response = await ada.context.request.get('/api/keys?state=active');
    const { keys }: { keys: unknown[] } = await response.json();
    expect(keys).toHaveLength(1);
    expect(await ada.keyNames()).toEqual(['Lost answer', 'Lost answer']);
  });

  it('creates one key with a relative expiry, however often a response is lost', async () => {
    const ada = await world.signedIn();
    await ada.startCreating('For 30 days');
    await ada.dialog.getByLabel('Expires').selectOption({ label: 'In 30 days' });
    let lost = 0;
    await ada.page.route(
      (url) => url.pathname === '/api/keys',
      async (route) => {
        if (route.request().method() !== 'POST' || lost === 2) return route.continue();
        lost++;
        await route.fetch();
        await route.abort('connectionreset');
      },
    );
    await ada.submit.click();
    await ada.sees('Connection lost while creating the key');
    await ada.dialog.getByRole('button', { name: 'Try again' }).click();
    await ada.sees('Connection lost while creating the key');
    await ada.dialog.getByRole('button', { name: 'Try again' }).click();
    await ada.sees('The key was created, but it never reached your browser');
    expect(await ada.keyNames()).toEqual(['For 30 days']);
  });

  it('says that the session has ended, and continues after signing in again', async () => {
    const ada = await world.signedIn();
    await ada.startCreating('Much later');
    await ada.context.clearCookies();
    await ada.submit.click();
    await ada.sees('Your session has ended');
    const [again] = await Promise.all([
      ada.context.waitForEvent('page'),
      ada.page.getByRole('link', { name: 'Sign in again' }).click(),
    ]);
    await Promise.all([again.waitForEvent('close'), ada.signIn(again)]);
    await ada.press('I’ve signed in');
    expect(await ada.dialog.getByLabel('Name', { exact: true }).inputValue()).toBe('Much later');
    await ada.dialog.getByRole('button', { name: 'Try again' }).click();
    await ada.readKey();
    expect(await ada.keyNames()).toEqual(['Much later']);
  });
});
