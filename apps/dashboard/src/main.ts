import { createLog, runProcess } from '#libs/service';
import { readSettings, secretValues } from '#libs/settings';
import { dashboardSettings } from './dashboard-settings.js';
import { startDashboard } from './start-dashboard.js';

await runProcess(async () => {
  const settings = readSettings(dashboardSettings, process.env);
  const log = createLog({
    service: 'dashboard',
    level: settings.LOG_LEVEL,
    secrets: secretValues(dashboardSettings, settings),
  });
  const dashboard = await startDashboard(settings, log);
  log.info({ url: dashboard.url }, 'dashboard is ready');
  return dashboard;
});
