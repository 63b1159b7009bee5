import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { type JWTPayload, SignJWT, decodeJwt } from 'jose';
import { Provider } from 'oidc-provider';

/** The account at the issuer that signs in. */
export interface Account {
  readonly id: string;
  readonly email: string;
  readonly isVerified: boolean;
  /** Further claims. Default: the name Ada. */
  readonly profile?: Readonly<Record<string, string>>;
}

/** The settings of the dashboard for this issuer. */
export const OIDC_CLIENT = {
  OIDC_CLIENT_ID: 'the-dashboard',
  OIDC_CLIENT_SECRET: 'the-client-secret-of-the-tests',
} as const;

/** A real OpenID Connect issuer on loopback, which signs every visitor in as its current `account`. */
export class OidcIssuer {
  account: Account = { id: 'nobody', email: 'nobody@example.com', isVerified: false };
  /** Changes the claims of ID tokens before the issuer signs them. */
  tamper: ((claims: JWTPayload) => JWTPayload) | undefined;
  readonly url: string;
  readonly #key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  readonly #server: Server;
  readonly #provider: Provider;

  private constructor(port: number, dashboard: string) {
    this.url = `http://localhost:${port}`;
    this.#provider = this.#build(dashboard);
    const answer = this.#provider.callback();
    this.#server = createServer((req, res) => {
      const isSigningIn = req.url?.startsWith('/sign-in/') === true;
      void (isSigningIn ? this.#signIn(req, res) : answer(req, res));
    });
  }

  /** Starts on `port`, with the dashboard at that URL as its only client, which must use PKCE. */
  static async start(port: number, dashboard: string): Promise<OidcIssuer> {
    const issuer = new OidcIssuer(port, dashboard);
    issuer.#server.listen(port, 'localhost');
    await once(issuer.#server, 'listening');
    return issuer;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #build(dashboard: string): Provider {
    const provider: Provider = new Provider(this.url, {
      clients: [
        {
          client_id: OIDC_CLIENT.OIDC_CLIENT_ID,
          client_secret: OIDC_CLIENT.OIDC_CLIENT_SECRET,
          redirect_uris: [`${dashboard}/api/auth/callback/oidc`],
          token_endpoint_auth_method: 'client_secret_post',
        },
      ],
      jwks: { keys: [{ ...this.#key.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' }] },
      cookies: { keys: ['the-cookie-key-of-the-tests'] },
      claims: {
        openid: ['sub'],
        email: ['email', 'email_verified'],
        profile: ['name', 'given_name', 'family_name', 'nickname', 'preferred_username'],
      },
      conformIdTokenClaims: false, // claims are in the ID token, as at most issuers
      pkce: { required: () => true },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_, { uid }) => `/sign-in/${uid}` },
      findAccount: (_, accountId) => {
        const { email, isVerified, profile = { name: 'Ada' } } = this.account;
        const claims = { sub: accountId, email, email_verified: isVerified, ...profile };
        return { accountId, claims: () => claims };
      },
      loadExistingGrant: async ({ oidc }) => {
        const grant = new provider.Grant({
          clientId: oidc.client?.clientId ?? '',
          accountId: oidc.session?.accountId ?? '',
        });
        grant.addOIDCScope('openid email profile');
        await grant.save();
        return grant;
      },
    });
    provider.use(async (ctx, next) => {
      await next();
      const { body } = ctx;
      if (ctx.path === '/token' && this.tamper !== undefined && typeof body?.id_token === 'string') {
        const claims = this.tamper(decodeJwt(body.id_token));
        const signed = new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(this.#key);
        ctx.body = { ...body, id_token: await signed };
      }
    });
    return provider;
  }

  async #signIn(req: IncomingMessage, res: ServerResponse): Promise<void> {
    await this.#provider.interactionFinished(req, res, { login: { accountId: this.account.id } });
  }
}
