import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunningProcess, runFolder, uniqueName } from '#libs/testing';
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

  it('is in programs that work as they stand, and counts as saved once one with it was copied', async () => {
    const { ada, token } = await withKeyShown();
    const folder = runFolder('projects', uniqueName('connected'));
    const outputOf = async (command: string): Promise<string> => {
      const shell = new RunningProcess('bash', ['-c', command], {}, folder);
      expect({ command, code: await shell.exited, stderr: shell.stderr }).toMatchObject({ code: 0 });
      return shell.stdout;
    };
    expect(await outputOf(await configuration(ada, 'curl'))).toContain(ada.email);
    writeFileSync(join(folder, '.env'), await configuration(ada, '.env'));
    for (const [title, file, command] of [
      ['Node', 'example.mjs', 'node --env-file=.env example.mjs'],
      ['Python', 'example.py', '(set -a; . ./.env; python3 example.py)'],
    ] as const) {
      writeFileSync(join(folder, file), await configuration(ada, title));
      await ada.sees(command);
      expect(await outputOf(command)).toContain(ada.email);
    }
    expect(await configuration(ada, 'VS Code')).not.toContain(token);
    await ada.press('Copy');
    await ada.sees('Copied');
    await ada.page.keyboard.press('Escape');
    await ada.page.getByRole('button', { name: 'Go back to the key' }).first().click();
    const copied = await configuration(ada, 'Claude Desktop');
    await ada.press('Copy');
    await ada.sees('Copied');
    expect(await ada.page.evaluate('navigator.clipboard.readText()')).toBe(copied);
    expect(copied).toContain(token);
    await ada.page.keyboard.press('Escape');
    await ada.dialog.waitFor({ state: 'hidden' });
  });

  it('is not known later: configurations have a placeholder, and say if there are no tools', async () => {
    const ada = await world.signedIn();
    const token = await ada.createKey('Placeholder');
    await ada.choose('Placeholder', 'Connect…');
    const placeholder = `${token.slice(0, token.lastIndexOf('_'))}...${token.slice(-4)}`;
    await ada.sees(`Put the whole key in place of ${placeholder}`);
    // Programs are chosen with the keyboard, too.
    await ada.page.getByRole('tab', { name: 'curl' }).focus();
    await ada.page.keyboard.press('ArrowLeft');
    expect(await ada.page.getByRole('tab', { name: 'VS Code' }).getAttribute('aria-selected')).toBe('true');
    await ada.page.keyboard.press('ArrowLeft');
    expect(await shownConfiguration(ada)).toContain('${env:LE_BUREAU_API_KEY}');
    expect(await ada.browserState()).not.toContain(token);
    await world.stack.database.query('ALTER TABLE api_keys DISABLE TRIGGER USER');
    await world.stack.database.query(
      `UPDATE api_keys SET capabilities = '{invoices:read}' WHERE name = 'Placeholder'`,
    );
    await world.stack.database.query('ALTER TABLE api_keys ENABLE TRIGGER USER');
    await ada.page.reload();
    await ada.choose('Placeholder', 'Connect…');
    await ada.page.getByRole('tab', { name: 'Cursor' }).click();
    await ada.sees('This key has no capability that an MCP tool needs');
  });

  it('can be downloaded as an .env file', async () => {
    const { ada, token } = await withKeyShown();
    const [download] = await Promise.all([ada.page.waitForEvent('download'), ada.press('Download .env')]);
    expect(download.suggestedFilename()).toBe('shown-once.env');
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe(
      `LE_BUREAU_API_KEY=${token}\nLE_BUREAU_API_URL=${world.stack.gatewayUrl}\n`,
    );
    await download.delete();
  });
});

/** What is to be copied for a program. */
async function configuration(ada: Person, program: string): Promise<string> {
  await ada.page.getByRole('tab', { name: program, exact: true }).click();
  return shownConfiguration(ada);
}

async function shownConfiguration({ page }: Person): Promise<string> {
  return page.getByRole('tabpanel').locator('pre').innerText();
}
