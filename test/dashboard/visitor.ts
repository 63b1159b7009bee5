import { randomUUID } from 'node:crypto';
import { noteIssued } from '#libs/testing';

export interface DashboardResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- each test knows what it asked for
}

/** Acts like a browser: keeps cookies per host, and sends the Origin of the dashboard. */
export class Visitor {
  readonly email = `ada-${randomUUID().slice(0, 8)}@example.com`;
  readonly password = 'correct horse battery staple';
  /** By host, then by name. */
  readonly #cookies = new Map<string, Map<string, string>>();

  constructor(readonly dashboard: string) {}

  get(path: string, headers: Record<string, string> = {}): Promise<DashboardResponse> {
    return this.send('GET', path, undefined, headers);
  }

  post(path: string, body: object = {}, headers: Record<string, string> = {}): Promise<DashboardResponse> {
    return this.send('POST', path, body, headers);
  }

  /** Empty headers are not sent. */
  async send(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<DashboardResponse> {
    const all: Record<string, string> = {
      ...(method === 'GET' ? {} : { origin: this.dashboard }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      cookie: this.cookieFor(this.dashboard),
      ...headers,
    };
    const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
    const url = new URL(path, this.dashboard);
    const response = await fetch(url, {
      method,
      headers: given,
      redirect: 'manual',
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    this.#keep(url, response.headers);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  /** Creates an account with a password and signs in. */
  async signUp(): Promise<DashboardResponse> {
    const { email, password } = this;
    const made = await this.post('/api/auth/sign-up/email', { name: 'Ada', email, password });
    return made.status === 200 ? this.signIn() : made;
  }

  async signIn(): Promise<DashboardResponse> {
    const { email, password } = this;
    return this.post('/api/auth/sign-in/email', { email, password });
  }

  async makeKey(name = 'Production CI', capabilities = ['desktop:read']): Promise<DashboardResponse> {
    const made = await this.post('/api/keys', { name, capabilities }, { 'idempotency-key': randomUUID() });
    if (made.status === 201) noteIssued(made.body.token);
    return made;
  }

  /** The `Cookie` header for a URL; empty if there are no cookies. */
  cookieFor(url: string): string {
    const cookies = [...(this.#cookies.get(new URL(url).host) ?? [])];
    return cookies.map(([name, value]) => `${name}=${value}`).join('; ');
  }

  forgetCookies(): void {
    this.#cookies.clear();
  }

  /** Follows a link and its redirects until `stop` is true. Returns the last URL. */
  async follow(link: string, stop: (url: URL) => boolean): Promise<URL> {
    let url = new URL(link);
    for (let steps = 0; steps < 20 && !stop(url); steps++) {
      const response = await fetch(url, {
        headers: { cookie: this.cookieFor(url.href) },
        redirect: 'manual',
      });
      this.#keep(url, response.headers);
      const location = response.headers.get('location');
      if (location === null) throw new Error(`${url.href} leads nowhere: ${await response.text()}`);
      url = new URL(location, url);
    }
    return url;
  }

  #keep(url: URL, headers: Headers): void {
    const jar = this.#cookies.get(url.host) ?? new Map<string, string>();
    this.#cookies.set(url.host, jar);
    for (const cookie of headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '' || /max-age=0\b/i.test(cookie)) jar.delete(name);
      else jar.set(name, value);
    }
  }
}
