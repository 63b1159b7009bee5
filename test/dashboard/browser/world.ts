import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright-core';
import { Stack } from '#libs/testing';
import { launchChromium } from './chromium.js';
import { Person } from './person.js';

/** The keys service, two gateways and the dashboard as processes, with a real browser. */
export class World {
  readonly #contexts: BrowserContext[] = [];

  private constructor(
    readonly stack: Stack,
    private readonly browser: Browser,
  ) {}

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<World> {
    const env = { LAST_USED_EVERY_SECONDS: '1', ...settings };
    const stack = await Stack.start({ gateways: 2, dashboards: 1, direct: true, env });
    return new World(stack, await launchChromium());
  }

  /** A person in a fresh browser context, signed out. */
  async person(options: BrowserContextOptions = {}): Promise<Person> {
    const context = await this.browser.newContext({
      baseURL: this.stack.dashboardUrl,
      reducedMotion: 'reduce',
      ...options,
    });
    this.#contexts.push(context);
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], {
      origin: this.stack.dashboardUrl,
    });
    return Person.open(context);
  }

  /** A person who has just signed up and has no keys yet. */
  async signedIn(options: BrowserContextOptions = {}): Promise<Person> {
    const person = await this.person(options);
    await person.signUp();
    return person;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#contexts.map((context) => context.close()));
    await this.browser.close();
    await this.stack.stop();
  }
}
