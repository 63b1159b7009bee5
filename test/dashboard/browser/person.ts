import type { BrowserContext, Locator, Page } from 'playwright-core';
import { noteIssued, uniqueName } from '#libs/testing';

/** The password of everybody in the tests. */
const PASSWORD = 'a password of the tests';

/** A person at a browser: what they press, by the words that they read. */
export class Person {
  /** What the browser has complained about. */
  readonly complaints: string[] = [];
  readonly email = `${uniqueName('person')}@example.com`;

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
  ) {
    page.on('pageerror', (err) => this.complaints.push(String(err)));
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) this.complaints.push(message.text());
    });
    // The browser asks whether to leave a page with a key on it. They do.
    page.on('dialog', (dialog) => void dialog.accept());
  }

  static async open(context: BrowserContext): Promise<Person> {
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    return new Person(context, page);
  }

  async signUp(): Promise<void> {
    await this.page.goto('/');
    await this.press('New here? Create an account');
    await this.page.getByLabel('Email').fill(this.email);
    await this.page.getByLabel('Password, at least 8 characters').fill(PASSWORD);
    await this.press('Create account');
    await this.sees('No keys yet');
  }

  /** Signs in on a page that asks for it. */
  async signIn(page: Page): Promise<void> {
    await page.getByLabel('Email').fill(this.email);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }

  get dialog(): Locator {
    return this.page.getByRole('dialog');
  }

  async press(name: string): Promise<void> {
    await this.page.getByRole('button', { name, exact: true }).click();
  }

  /** Waits until it is there. */
  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  /** Opens the form, and gives the key a name. */
  async startCreating(name: string): Promise<void> {
    await this.press('Create key');
    await this.dialog.getByLabel('Name', { exact: true }).fill(name);
  }

  get submit(): Locator {
    return this.dialog.getByRole('button', { name: 'Create key', exact: true });
  }

  /** The text of the key that is shown. */
  async readKey(): Promise<string> {
    const token = await this.page.getByLabel('Your new key', { exact: true }).inputValue();
    noteIssued(token);
    return token;
  }

  /** Makes a key, and closes. */
  async createKey(name: string): Promise<string> {
    await this.startCreating(name);
    await this.submit.click();
    const token = await this.readKey();
    await this.press('I’ve saved it');
    await this.dialog.waitFor({ state: 'hidden' });
    return token;
  }

  /** Chooses from a key's menu. */
  async choose(key: string, action: string): Promise<void> {
    await this.page
      .getByRole('button', { name: `Actions for ${key}` })
      .first()
      .click();
    await this.page.getByRole('menuitem', { name: action }).click();
  }

  /** The names of the keys that the backend has, whatever their state. */
  async keyNames(): Promise<string[]> {
    const response = await this.context.request.get('/api/keys?state=all');
    const { keys }: { keys: { name: string }[] } = await response.json();
    return keys.map(({ name }) => name);
  }

  /** Everything that the page has put away in the browser, and where it is. */
  async browserState(): Promise<string> {
    return this.page.evaluate<string>(`(async () => JSON.stringify([
      location.href, history.state, document.cookie, { ...localStorage }, { ...sessionStorage },
      await indexedDB.databases(), await caches.keys(), performance.getEntries().map(({ name }) => name),
      document.documentElement.outerHTML, [...document.querySelectorAll('input, textarea')].map(({ value }) => value),
    ]))()`);
  }
}
