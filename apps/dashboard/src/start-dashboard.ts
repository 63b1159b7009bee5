import { join } from 'node:path';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { ManageClient } from '#libs/keys-client';
import { PrimaryOnly, databaseProblem } from '#libs/postgres';
import { type HttpService, Readiness, showCertificates, showDatabase, startHttpService } from '#libs/service';
import { openTracing } from '#libs/tracing';
import { EventOutbox } from './audit/event-outbox.js';
import { ListPersonalEvents } from './audit/list-personal-events.js';
import { DashboardAppModule } from './dashboard.app.module.js';
import type { DashboardSettings } from './dashboard-settings.js';
import { canAnswer, openDatabase } from './database/open-database.js';
import { Gateway } from './keys/check-key.js';
import { ClaimOwner } from './keys/claim-owner.js';
import { keysProblem } from './keys/keys-errors.js';
import { LocalOperator } from './keys/local-operator.js';
import { BuiltPage } from './page/built-page.js';
import { protectPage } from './page/protect-page.js';
import { serveFiles } from './page/serve-files.js';
import { showPageForErrors } from './page/show-page-for-errors.js';
import { PublicConfig } from './session/session.controller.js';
import { AccountAttempts } from './sign-in/account-attempts.js';
import { setUpSignIn } from './sign-in/sign-in.js';
import { readSignInOptions } from './sign-in/sign-in-options.js';

/** In bytes; the page sends far less. */
const BODY_LIMIT = 16 * 1024;

/** The build output of Vite, relative to the compiled version of this file. */
const PAGE_FOLDER = join(import.meta.dirname, '../web');

export interface DashboardOptions {
  /** The folder of the built page. */
  readonly pageFolder?: string;
  /** Whether to treat a browser of the user who runs this process as the operator: see keys/local-operator.ts. */
  readonly trustsLocalOperator?: boolean;
}

/** Starts the dashboard. The keys service and the gateway may be down: requests that need them are refused. */
export async function startDashboard(
  settings: DashboardSettings,
  log: Logger,
  { pageFolder = PAGE_FOLDER, trustsLocalOperator = false }: DashboardOptions = {},
): Promise<HttpService> {
  const signInOptions = readSignInOptions(settings);
  const {
    KEYS_MANAGE_URL: url,
    KEYS_MANAGE_TOKEN: [credential],
    GATEWAY_URL: gatewayUrl,
  } = settings;
  const primaryOnly = new PrimaryOnly();
  const pool = await openDatabase({
    primaryOnly,
    url: settings.DASHBOARD_DATABASE_URL,
    password: settings.DASHBOARD_DATABASE_PASSWORD,
    ca: settings.DASHBOARD_DATABASE_TLS_CA,
    onError: (err) => log.debug({ err }, 'database'),
  });
  try {
    const page = new BuiltPage(pageFolder);
    if (!page.isBuilt) log.warn('the page is not built: run npm run build');
    const outbox = new EventOutbox(pool);
    const signIn = await setUpSignIn({
      ...signInOptions,
      pool,
      outbox,
      secret: settings.DASHBOARD_SECRET,
      attemptsPerMinute: settings.SIGN_INS_PER_MINUTE,
      log,
    });
    const metrics = new Registry();
    showDatabase(metrics, pool);
    const { KEYS_TLS_CA, DASHBOARD_DATABASE_TLS_CA } = settings;
    showCertificates(metrics, { KEYS_TLS_CA, DASHBOARD_DATABASE_TLS_CA });
    const tracing = await openTracing(settings, { service: 'dashboard', callers: 'anybody', log });
    primaryOnly.enableWatchdog();
    const manage = new ManageClient({ url, credential, ca: settings.KEYS_TLS_CA, tracing });
    const operator = new LocalOperator(trustsLocalOperator && signInOptions.password);
    const module = DashboardAppModule.register({
      signIn,
      outbox,
      personalEvents: new ListPersonalEvents(manage, pool),
      signInOptions,
      manage,
      claimOwner: new ClaimOwner(manage, pool, operator),
      attempts: new AccountAttempts(pool, settings.SIGN_INS_PER_MINUTE),
      gateway: new Gateway(gatewayUrl),
      publicConfig: new PublicConfig(settings.PUBLIC_GATEWAY_URL ?? gatewayUrl, settings.KEY_PREFIX),
      page,
    });
    const service = await startHttpService(module, {
      log,
      host: settings.DASHBOARD_HOST,
      port: settings.DASHBOARD_PORT,
      portSettings: {
        DASHBOARD_PORT: settings.DASHBOARD_PORT,
        DASHBOARD_INTERNAL_PORT: settings.DASHBOARD_INTERNAL_PORT,
      },
      internal: {
        host: settings.DASHBOARD_INTERNAL_HOST,
        port: settings.DASHBOARD_INTERNAL_PORT,
        metrics,
      },
      bodyLimit: BODY_LIMIT,
      stopping: { drainSeconds: settings.DRAIN_SECONDS },
      trustedProxies: settings.TRUSTED_PROXIES ?? [],
      tracing,
      translate: (err) =>
        keysProblem(err) ?? databaseProblem(err, "The database isn't responding. Try again in a moment."),
      readiness: () => new Readiness(async () => ((await canAnswer(pool)) ? undefined : 'the database')),
      beforeListen: async (app) => {
        await protectPage(app, signInOptions.origin);
        await serveFiles(app, page);
        showPageForErrors(app, page);
      },
    });
    return {
      ...service,
      stop: async () => {
        await service.stop();
        await pool.end();
      },
    };
  } catch (err) {
    await pool.end();
    throw err;
  }
}
