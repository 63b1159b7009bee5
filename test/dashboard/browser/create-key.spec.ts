import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findKeyId } from '#libs/key-format';
import { call, until } from '#libs/testing';
import { recordPastUse } from '../../support/past-use.js';
import { World } from './world.js';

describe('creating a key on the page', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ SECRET_SCANNING: 'trufflehog' });
  });
  afterAll(() => world.stop());

  it('leads from sign-up to a working key, its replacement, and 401 for the old one', async () => {
    const ada = await world.signedIn();
    const me = (token: string) => call(`${world.stack.gatewayUrl}/v1/me`, token);

    await ada.startCreating('Production CI');
    await ada.submit.click();
    const first = await ada.readKey();
    await ada.press('Copy key');
    expect(await ada.page.evaluate<string>('navigator.clipboard.readText()')).toBe(first);
    expect((await me(first)).body).toMatchObject({
      email: ada.email,
      capabilities: ['desktop:read', 'desktop:chat'],
    });
    await ada.press('Test key');
    await ada.sees('It works.');
    await ada.press('I’ve saved it');

    const row = ada.page.getByRole('row', { name: /Production CI/ });
    for (const text of ['desktop:read', 'desktop:chat', first.slice(-4), 'just now']) {
      expect(await row.textContent()).toContain(text);
    }

    await ada.choose('Production CI', 'Rotate…');
    await ada.press('Create replacement');
    const second = await ada.readKey();
    // The page's own check is no use by a program.
    await ada.press('Test key');
    await ada.sees('It works.');
    await testIsReported(world, second);
    await ada.press('I’ve saved it, next');
    await ada.sees('No program has used the new key yet.');
    const side = (title: string) => ada.dialog.getByRole('group', { name: title });
    await side('New key').getByText('No requests').first().waitFor();
    expect((await me(first)).status).toBe(200);
    expect((await me(second)).status).toBe(200);
    await ada.sees('The new key is in use. The old one was used in the last 24 hours, too');
    for (const title of ['Old key', 'New key'])
      await side(title)
        .getByText(/requests? from 127\.0\.0\.1/)
        .first()
        .waitFor();
    await side('Old key')
      .getByText(`…${first.slice(-4)}`)
      .waitFor();
    await side('New key')
      .getByText(`…${second.slice(-4)}`)
      .waitFor();
    await ada.press('Later');
    await ada.page
      .getByRole('button', { name: `Continue the rotation of Production CI, …${first.slice(-4)}` })
      .click();
    await ada.press('Retire old key');
    expect(await ada.dialog.getByRole('radio', { checked: true }).count()).toBe(0);
    await ada.press('Retire old key');
    await ada.sees('Choose when the old key should stop working.');
    await ada.page.getByRole('radio', { name: 'Now' }).check();
    await ada.sees(/In the last 24 hours, the old key made \d+ requests? from 127\.0\.0\.1/);
    await ada.press('Revoke old key');
    await ada.sees(/Revoked\. \d gateways? confirmed( in|; we waited) \d+(\.\d)? m?s/);
    expect((await me(first)).status).toBe(401);
    expect((await me(second)).status).toBe(200);
    await ada.press('Done');

    // It was just used, so the end of its text must be typed: the old key has the same name.
    await ada.choose('Production CI', 'Revoke…');
    await ada.sees(/In the last 24 hours: \d+ requests? from 127\.0\.0\.1/);
    const revoke = ada.page.getByRole('button', { name: 'Revoke key' });
    expect(await revoke.isDisabled()).toBe(true);
    await ada.page
      .getByLabel(`Type ${second.slice(-4)}, its last four characters, to confirm`)
      .fill(second.slice(-4));
    await revoke.click();
    await ada.sees(/Revoked\. \d gateways? confirmed/);
    expect((await me(second)).status).toBe(401);
    await ada.press('Done');
    await ada.sees('No keys yet');
    expect(ada.complaints).toEqual([]);
  });

  it('restricts a key and its replacement to addresses, and says from where they may be used', async () => {
    const ada = await world.signedIn();
    await ada.startCreating('Office');
    const addresses = ada.page.getByLabel('Allowed addresses (optional)');
    await addresses.fill('203.0.113.7/24');
    await ada.submit.click();
    // At the field, which has the focus.
    await ada.sees('Allowed address must be 203.0.113.0/24 for the network');
    expect(await addresses.getAttribute('aria-invalid')).toBe('true');
    expect(await addresses.evaluate((field) => field === field.ownerDocument.activeElement)).toBe(true);
    expect(await ada.dialog.getByRole('alert').count()).toBe(0);
    await addresses.fill('203.0.113.0/24\n2001:DB8::1');
    await ada.press('Try again');
    await ada.readKey();
    await ada.press('Test key');
    await ada.sees('It may not be used from this browser’s address');
    await ada.press('I’ve saved it');
    await ada.sees('Only from 203.0.113.0/24, 2001:db8::1');
    await ada.choose('Office', 'Rotate…');
    await ada.press('Create replacement');
    const replacement = await ada.readKey();
    const [owner] = await world.stack.manage.findOwnersByEmail(ada.email);
    const { keys } = await world.stack.manage.list(owner?.id ?? '', { state: 'active' });
    expect(keys.find(({ last4 }) => replacement.endsWith(last4))).toMatchObject({
      allowedIps: ['203.0.113.0/24', '2001:db8::1'],
    });
    expect(ada.complaints).toEqual([]);
  });

  it('creates one key on a double click', async () => {
    const ada = await world.signedIn();
    await ada.startCreating('Twice');
    const calls: string[] = [];
    ada.page.on('request', (request) => {
      if (request.method() === 'POST') calls.push(request.url());
    });
    // Both clicks come before React renders the button as busy.
    await ada.page.evaluate(`{
      const submit = document.querySelector('[role=dialog] button[type=submit]');
      submit.click();
      submit.click();
    }`);
    await ada.readKey();
    expect(calls).toHaveLength(1);
    expect(await ada.keyNames()).toEqual(['Twice']);
  });

  it('requires a name and a capability, and focuses the name', async () => {
    const ada = await world.signedIn();
    await ada.press('Create key');
    for (const box of ['See desktops', 'Chat with the agent']) {
      await ada.page.getByRole('checkbox', { name: box }).uncheck();
    }
    await ada.submit.click();
    await ada.sees('Enter a name.');
    await ada.sees('Choose at least one capability.');
    expect(await ada.page.evaluate<string>('document.activeElement.labels[0].textContent')).toBe('Name');
    expect(await ada.keyNames()).toEqual([]);
  });

  it('warns when the broad capability is checked', async () => {
    const ada = await world.signedIn();
    await ada.press('Create key');
    expect(await ada.page.getByText('Anyone with this key').count()).toBe(0);
    await ada.page.getByRole('checkbox', { name: 'Control desktops' }).check();
    await ada.sees('Anyone with this key can do all of this as you.');
  });

  it('works with the keyboard alone', async () => {
    const ada = await world.signedIn();
    const { keyboard } = ada.page;
    await ada.page.getByRole('button', { name: 'Create key' }).focus();
    await keyboard.press('Enter');
    await ada.dialog.waitFor();
    // The name field has the focus, where Enter submits the form.
    await keyboard.type('By keyboard');
    await keyboard.press('Enter');
    await ada.page.getByLabel('Your new key', { exact: true }).waitFor();
    const token = await ada.readKey();
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await ada.sees('Copied');
    expect(await ada.page.evaluate<string>('navigator.clipboard.readText()')).toBe(token);
    await keyboard.press('Escape');
    await ada.dialog.waitFor({ state: 'hidden' });
    expect(await ada.keyNames()).toEqual(['By keyboard']);
  });

  it('schedules the expiry of the old key of a rotation', async () => {
    const ada = await world.signedIn();
    const old = await ada.createKey('Nightly');
    await ada.choose('Nightly', 'Rotate…');
    await ada.press('Create replacement');
    await ada.readKey();
    await ada.press('I’ve saved it, next');
    await ada.sees('The old key has not been used in the last 7 days.');
    await recordPastUse(world.stack, { key: old, daysAgo: 3 });
    await ada.sees('The old key has not been used in the last 24 hours. It was used in the last 7 days');
    await ada.press('Retire old key');
    await ada.page.getByRole('radio', { name: 'In 1 hour' }).check();
    await ada.press('Schedule expiry');
    await ada.sees(/It expires in 1 hour\. \d gateways? confirmed/);
    await ada.press('Done');
    expect((await call(`${world.stack.gatewayUrl}/v1/me`, old)).status).toBe(200);
    const row = ada.page.getByRole('row', { name: /in 1 hour/ });
    expect(await row.textContent()).toContain(old.slice(-4));
    // Nothing is left to do.
    expect(await row.textContent()).toContain('Replaced by …');
    expect(await row.getByText('Continue').count()).toBe(0);
  });

  it('searches and sorts many keys', async () => {
    const ada = await world.signedIn();
    const names = Array.from({ length: 10 }, (_, i) => `Job ${String.fromCharCode(74 - i)}`);
    for (const name of names) await ada.createKey(name);
    const shown = async (): Promise<string[]> => {
      const rows = await ada.page.getByRole('row').allTextContents();
      return rows.flatMap((text) => /^Job [A-J]/.exec(text) ?? []);
    };
    expect(await shown()).toEqual(names.toReversed());
    await ada.page.getByLabel('Sort by').selectOption('Last used');
    await ada.page.getByLabel('Sort by').selectOption('Name');
    expect(await shown()).toEqual(names.toSorted());
    await ada.page.getByLabel('Search by name or key').fill('job c');
    expect(await shown()).toEqual(['Job C']);
    await ada.page.getByLabel('Search by name or key').fill('nothing of the kind');
    await ada.sees('No keys match.');
  });

  it('revokes and replaces a leaked key in one step', async () => {
    const ada = await world.signedIn();
    const leaked = await ada.createKey('Leaky');
    await call(`${world.stack.gatewayUrl}/v1/me`, leaked);
    await call(`${world.stack.gatewayUrl}/v1/schedules`, leaked);
    await ada.choose('Leaky', 'Report a leak…');
    await ada.press('Revoke and replace');
    const token = await ada.readKey();
    expect((await call(`${world.stack.gatewayUrl}/v1/me`, leaked)).status).toBe(401);
    expect((await call(`${world.stack.gatewayUrl}/v1/me`, token)).status).toBe(200);
    await ada.sees('Activity of the leaked key');
    // Attempts after the revocation are listed, too.
    const entry = (route: string, status: string): Promise<void> =>
      ada.dialog
        .getByRole('listitem')
        .filter({ hasText: route })
        .filter({ hasText: status })
        .filter({ hasText: '1 request from 127.0.0.1' })
        .waitFor();
    await entry('GET /v1/me', '200 OK');
    await entry('GET /v1/schedules', '403 Forbidden');
    await entry('GET /v1/me', '401 Unauthorized');

    // Later, too, although the key has ended.
    await ada.press('I’ve saved it');
    await ada.page.getByRole('switch', { name: 'Show revoked and expired keys' }).click();
    const menu = `Leaky, …${leaked.slice(-4)}`;
    await ada.choose(menu, 'Recent activity');
    await entry('GET /v1/schedules', '403 Forbidden');
    await ada.press('Done');
    await ada.page.getByRole('link', { name: 'Leaky' }).last().click();
    // The page of the key can be kept as a bookmark.
    await ada.page.reload();
    await until(async () => (await ada.page.title()) === `Leaky, …${leaked.slice(-4)} · API keys`);
    const details = ada.page.getByRole('region', { name: 'Details' });
    for (const text of ['Revoked', 'leaked', 'desktop:read', `…${leaked.slice(-4)}`])
      await details.getByText(text).first().waitFor();
    const use = ada.page.getByRole('region', { name: 'Use' });
    await use
      .getByText(/requests? from 127/)
      .first()
      .waitFor();
    await use.getByRole('img', { name: /^Requests per hour/ }).waitFor();
    await use.getByText('Show as a table').click();
    await use.getByRole('row').nth(1).waitFor();
    await ada.page.getByRole('region', { name: 'Recent activity' }).getByText('403 Forbidden').waitFor();
    await ada.page.getByRole('button', { name: `Actions for ${menu}` }).click();
    expect(await ada.page.getByRole('menuitem').allTextContents()).toEqual(['Details', 'Recent activity']);
  });

  it('marks a key that others have seen, until it is revoked', async () => {
    const ada = await world.signedIn();
    const key = await ada.createKey('Laptop');
    const verified = await call(`${world.stack.gatewayUrl}/reports/trufflehog`, undefined, {
      method: 'POST',
      body: JSON.stringify({ 'sk-live-api-key': { key: [key] } }),
    });
    expect(verified.status).toBe(200);
    await ada.page.reload();
    await ada.sees(/Exposed: found by TruffleHog on \w+ \d+, \d+\./);
    await ada.page.getByRole('button', { name: /^Revoke it: Laptop/ }).click();
    await ada.press('Revoke key');
    await ada.sees(/Revoked\. \d gateways? confirmed/);
    await ada.press('Done');
    await ada.sees('No keys yet');
    expect((await call(`${world.stack.gatewayUrl}/v1/me`, key)).status).toBe(401);
  });
});

describe('creating a key of another catalogue', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({
      CATALOGUE_FILE: join(import.meta.dirname, '../../../../examples/invoices/catalogue.yaml'),
      KEY_MAX_DAYS: '45',
    });
  });
  afterAll(() => world.stop());

  it('offers its groups, capabilities and presets, under its title', async () => {
    const ada = await world.person();
    await ada.page.goto('/');
    await ada.sees('Sign in to Tidy Invoices');
    await ada.signUp();
    expect(await ada.page.title()).toBe('API keys · Tidy Invoices');
    await ada.startCreating('Books');
    const group = ada.dialog.getByRole('group', { name: 'Invoices' });
    await group.getByRole('checkbox', { name: 'See invoices' }).waitFor();
    const checked = async (): Promise<string[]> =>
      ada.page.evaluate<string[]>(
        `[...document.querySelectorAll('[role=dialog] input[type=checkbox]:checked')].map(({ value }) => value)`,
      );
    expect(await checked()).toEqual(['invoices:read', 'customers:read']);
    await ada.press('Online shop');
    expect(await checked()).toEqual(['invoices:read', 'invoices:write', 'customers:read', 'customers:write']);
    await ada.press('Accountant');
    const granted = ['invoices:read', 'customers:read', 'exports:run'];
    expect(await checked()).toEqual(granted);
    expect(
      await ada.dialog.getByRole('button', { name: 'Accountant', exact: true }).getAttribute('aria-pressed'),
    ).toBe('true');
    await ada.submit.click();
    const token = await ada.readKey();
    expect((await call(`${world.stack.gatewayUrl}/v1/me`, token)).body).toMatchObject({
      capabilities: granted,
    });
    expect(ada.complaints).toEqual([]);
  });

  it('offers no expiry that keys would refuse', async () => {
    const ada = await world.signedIn();
    await ada.startCreating('Books');
    const options = ada.dialog.getByLabel('Expires').getByRole('option');
    expect(await options.allTextContents()).toEqual(['In 30 days', 'In 45 days', 'On a date']);
    await ada.sees('Keys end after at most 45 days here.');
    await ada.submit.click();
    await ada.readKey();
  });

  it('says if the capabilities cannot be loaded, and tries again', async () => {
    const ada = await world.person();
    await ada.page.route('**/api/catalogue', (route) => route.abort());
    await ada.signUp();
    await ada.press('Create key');
    await ada.sees('Couldn’t load what a key may do');
    await ada.page.unroute('**/api/catalogue');
    await ada.press('Try again');
    await ada.dialog.getByRole('checkbox', { name: 'See invoices' }).waitFor();
    expect(await ada.dialog.getByLabel('Name', { exact: true }).inputValue()).toBe('');
  });
});

/** Waits until the gateway has reported that the page has tested a key. */
async function testIsReported({ stack }: World, token: string): Promise<void> {
  const keyId = findKeyId(token) ?? '';
  await until(async () => {
    const { activity } = await stack.manage.activity(keyId);
    return activity.some(({ route }) => route === 'TEST /v1/me');
  });
}
