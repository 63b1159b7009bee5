import type { BrowserContext, Locator, Page } from 'playwright-core';
import { noteIssued, uniqueName } from '#libs/testing';

const PASSWORD = 'a password of the tests';

/** A person with a browser, who finds everything on the page by its text. */
export class Person {
  /** Uncaught errors and violations of the Content-Security-Policy. */
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
    // Leaves the page when the browser asks whether to leave one that shows a key.
    page.on('dialog', (dialog) => void dialog.accept());
  }

  static async open(context: BrowserContext): Promise<Person> {
    const page = await context.newPage();
    page.setDefaultTimeout(120_000);
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

  /** Signs in on the sign-in page. */
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

  /** Waits for a text. */
  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  /** Opens the form and fills in the name. */
  async startCreating(name: string): Promise<void> {
    await this.press('Create key');
    await this.dialog.getByLabel('Name', { exact: true }).fill(name);
  }

  get submit(): Locator {
    return this.dialog.getByRole('button', { name: 'Create key', exact: true });
  }

  /** Reads the new key that is shown. */
  async readKey(): Promise<string> {
    const token = await this.page.getByLabel('Your new key', { exact: true }).inputValue();
    noteIssued(token);
    return token;
  }

  /** Creates a key and closes the dialog. */
  async createKey(name: string): Promise<string> {
    await this.startCreating(name);
    await this.submit.click();
    const token = await this.readKey();
    await this.press('I’ve saved it');
    await this.dialog.waitFor({ state: 'hidden' });
    return token;
  }

  /** Chooses an item of a key's menu. */
  async choose(key: string, action: string): Promise<void> {
    await this.page
      .getByRole('button', { name: `Actions for ${key}` })
      .first()
      .click();
    await this.page.getByRole('menuitem', { name: action }).click();
  }

  /** The names of all keys at the backend, in any state. */
  async keyNames(): Promise<string[]> {
    const response = await this.context.request.get('/api/keys?state=all');
    const { keys }: { keys: { name: string }[] } = await response.json();
    return keys.map(({ name }) => name);
  }

  /** Everything that the page keeps in the browser: URL, storage, caches and the document. */
  async browserState(): Promise<string> {
    return this.page.evaluate<string>(`(async () => JSON.stringify([
      location.href, history.state, document.cookie, { ...localStorage }, { ...sessionStorage },
      await indexedDB.databases(), await caches.keys(), performance.getEntries().map(({ name }) => name),
      document.documentElement.outerHTML, [...document.querySelectorAll('input, textarea')].map(({ value }) => value),
    ]))()`);
  }
}
