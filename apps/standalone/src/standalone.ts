import { resolve } from 'node:path';
import { type DashboardSettings, dashboardSettings } from '../../dashboard/src/dashboard-settings.js';
import { startDashboard } from '../../dashboard/src/start-dashboard.js';
import { type GatewaySettings, gatewaySettings } from '../../gateway/src/gateway-settings.js';
import { startGateway } from '../../gateway/src/start-gateway.js';
import { type KeysSettings, keysSettings } from '../../keys/src/keys-settings.js';
import { noVerdictStore } from '../../keys/src/secrets/verdict-store.js';
import { startKeys } from '../../keys/src/start-keys.js';
import type { Catalogue } from '#libs/catalogue';
import { EmbeddedPostgres } from '#libs/embedded-postgres';
import { InProcessLog } from '#libs/revocations';
import { StartError, type Stoppable, createLog, withLog } from '#libs/service';
import { type Environment, readSettings, secretValues } from '#libs/settings';
import { startExampleUpstream } from './example-upstream.js';
import { PLACEHOLDER_URL, withStandaloneDefaults } from './standalone-defaults.js';
import { standaloneSettings } from './standalone-settings.js';

/** Everything in one process: its URLs, and how to stop it. */
export interface Standalone extends Stoppable {
  readonly dashboardUrl: string;
  readonly gatewayUrl: string;
  readonly keysUrl: string;
  /** Undefined if every group has its own service. */
  readonly exampleUrl: string | undefined;
  readonly dataFolder: string;
  readonly catalogue: Catalogue;
}

type Log = ReturnType<typeof createLog>;

interface Settings {
  readonly keys: KeysSettings;
  readonly gateway: GatewaySettings;
  readonly dashboard: DashboardSettings;
}

/** Starts keys, gateway and dashboard in this process, on an embedded PostgreSQL unless `DATABASE_URL` is set. */
export async function startStandalone(given: Environment): Promise<Standalone> {
  const { DATA_DIR, EXAMPLE_PORT } = readSettings(standaloneSettings, given);
  const dataFolder = resolve(DATA_DIR);
  const env = withStandaloneDefaults(given, dataFolder);
  // Before anything is started, so that an invalid setting leaves nothing to clean up.
  const settings: Settings = {
    keys: readSettings(keysSettings, env),
    gateway: readSettings(gatewaySettings, env),
    dashboard: readSettings(dashboardSettings, env),
  };

  const started: Stoppable[] = [];
  const stop = async (): Promise<void> => {
    for (let service = started.pop(); service !== undefined; service = started.pop()) await service.stop();
  };
  try {
    const databaseUrl =
      settings.keys.DATABASE_URL === PLACEHOLDER_URL
        ? await startDatabase(dataFolder, settings.keys, started)
        : settings.keys.DATABASE_URL;
    const revocations = new InProcessLog();
    const withLogOf = <T>(service: string, start: (log: Log) => T): T => {
      const log = logOf(service, settings);
      return withLog(log, () => start(log));
    };
    // The gateway stops first, and has drained for all.
    const settingsOfKeys = { ...settings.keys, DATABASE_URL: databaseUrl, DRAIN_SECONDS: 0 };
    const keys = await withLogOf('keys', (log) =>
      startKeys(settingsOfKeys, log, revocations, noVerdictStore),
    );
    started.push(keys);
    const example = await withLogOf('example', (log) =>
      startExampleUpstream(settings.gateway, EXAMPLE_PORT, log),
    );
    if (example !== undefined) started.push(example);
    const upstreams = example?.gatewaySettings ?? settings.gateway;
    const gateway = await withLogOf('gateway', (log) => startGateway(upstreams, log, { log: revocations }));
    started.push(gateway);
    const settingsOfDashboard = { ...settings.dashboard, ...databaseOfDashboard(settings, databaseUrl) };
    const dashboard = await withLogOf('dashboard', (log) =>
      startDashboard({ ...settingsOfDashboard, DRAIN_SECONDS: 0 }, log, { trustsLocalOperator: true }),
    );
    started.push(dashboard);
    return {
      dashboardUrl: settings.dashboard.DASHBOARD_URL ?? dashboard.url,
      gatewayUrl: gateway.url,
      keysUrl: keys.url,
      exampleUrl: example?.url,
      dataFolder,
      catalogue: settings.keys.CATALOGUE,
      stop,
      ...(keys.ended !== undefined && { ended: keys.ended }),
    };
  } catch (err) {
    await stop();
    throw err;
  }
}

/** By default, the dashboard stores people and sessions in the database of keys, in a separate schema. */
function databaseOfDashboard({ keys, dashboard }: Settings, url: string): Partial<DashboardSettings> {
  if (dashboard.DASHBOARD_DATABASE_URL !== PLACEHOLDER_URL) return {};
  return { DASHBOARD_DATABASE_URL: url, DASHBOARD_DATABASE_PASSWORD: keys.DATABASE_PASSWORD };
}

async function startDatabase(folder: string, settings: KeysSettings, started: Stoppable[]): Promise<string> {
  const { DATABASE_PASSWORD: password = '' } = settings;
  const database = await EmbeddedPostgres.start({ folder, password }).catch((err: unknown) => {
    throw err instanceof Error ? new StartError(err.message, { cause: err }) : err;
  });
  // Even if this process exits by itself, the server must not be left behind.
  process.once('exit', () => database.kill());
  started.push(database);
  return database.url;
}

function logOf(service: string, { keys, gateway, dashboard }: Settings): Log {
  const secrets = [
    ...secretValues(keysSettings, keys),
    ...secretValues(gatewaySettings, gateway),
    ...secretValues(dashboardSettings, dashboard),
  ];
  return createLog({ service, level: keys.LOG_LEVEL, secrets });
}
