import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startDashboardProcess } from '#libs/testing';
import { World } from './world.js';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world.stop());

describe('creating a key while responses are lost', () => {
  it('says that the connection was lost, keeps what was typed, and succeeds on retry', async () => {
    const ada = await world.signedIn();
    await ada.startCreating('Offline');
    await ada.page.getByRole('checkbox', { name: 'Read the knowledge base' }).check();
    await ada.context.setOffline(true);
    await ada.submit.click();
    await ada.sees('Connection lost while creating the key');
    // In sight, above the buttons, and read out.
    const alert = ada.dialog.getByRole('alert');
    expect(await alert.evaluate((one) => one === one.ownerDocument.activeElement)).toBe(true);
    expect(await ada.dialog.locator('.dialog-footer').getByRole('alert').count()).toBe(1);
    const { y = 0, height = 720 } = (await alert.boundingBox()) ?? {};
    expect(y + height).toBeLessThan(720);
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

describe('the page without its server', () => {
  it('says that signing out has failed, and signs out on retry', async () => {
    const ada = await world.signedIn();
    await ada.context.setOffline(true);
    await ada.page.getByRole('button', { name: 'Your account' }).click();
    await ada.page.getByRole('menuitem', { name: 'Sign out' }).click();
    await ada.sees('Couldn’t sign out');
    await ada.sees('You are still signed in here.');
    await ada.context.setOffline(false);
    await ada.press('Try again');
    await ada.sees('Sign in to Le Bureau');
    expect((await ada.context.request.get('/api/keys')).status()).toBe(401);
  });

  it('goes on showing a list that cannot be read again, and says from when it is', async () => {
    const ada = await world.signedIn();
    await ada.createKey('Still here');
    await ada.context.setOffline(true);
    await ada.page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
    await ada.sees('Couldn’t refresh this. It was read');
    expect(await ada.page.getByText('Couldn’t load your keys').count()).toBe(0);
    await ada.page.getByRole('row', { name: /Still here/ }).waitFor();
    await ada.context.setOffline(false);
    await ada.page.getByRole('button', { name: 'Try again' }).first().click();
    await ada.page.getByText('Couldn’t refresh this').waitFor({ state: 'hidden' });
  });
});

describe('an address that does not exist', () => {
  it('shows the page to browsers, and a problem to programs', async () => {
    const ada = await world.person();
    const response = await ada.page.goto('/settings/nothing-here');
    expect(response?.status()).toBe(404);
    await ada.sees('Page not found');
    expect(await ada.page.title()).toBe('Page not found · Le Bureau');
    await ada.page.getByRole('link', { name: 'Go to your API keys' }).click();
    await ada.sees('Sign in to Le Bureau');
    const asked = await ada.context.request.get('/settings/nothing-here');
    expect(asked.status()).toBe(404);
    expect(await asked.json()).toMatchObject({ code: 'not_found' });
    expect(ada.complaints).toEqual([]);
  });
});

describe('a sign-in with a provider', () => {
  it('that was canceled or has expired is explained', async () => {
    const dashboard = await startDashboardProcess({
      ...world.stack.env,
      GOOGLE_CLIENT_ID: 'the-dashboard',
      GOOGLE_CLIENT_SECRET: 'a-secret-of-the-tests',
    });
    const ada = await world.person({ baseURL: dashboard.url });
    // At Google, Ada presses "Cancel".
    await ada.page.route('https://accounts.google.com/**', (route) => {
      const asked = new URL(route.request().url()).searchParams;
      const back = new URL(asked.get('redirect_uri') ?? '');
      back.searchParams.set('error', 'access_denied');
      back.searchParams.set('state', asked.get('state') ?? '');
      return route.fulfill({ status: 302, headers: { location: back.href } });
    });
    await ada.page.goto('/sign-in');
    await ada.press('Continue with Google');
    await ada.sees('Sign-in was canceled.');
    // The state belongs to a sign-in that is over.
    await ada.page.goto('/api/auth/callback/google?code=x&state=unknown');
    await ada.sees('That sign-in expired or started in another window.');
    // No such provider is set up.
    await ada.page.goto('/api/auth/callback/github?code=x&state=unknown');
    await ada.sees('Sign-in didn’t work.');
    await dashboard.process.stop();
  });
});
