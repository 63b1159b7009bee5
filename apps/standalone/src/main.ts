import { relative } from 'node:path';
import type { Catalogue } from '#libs/catalogue';
import { runProcess } from '#libs/service';
import { startStandalone } from './standalone.js';

await runProcess(async () => {
  process.stdout.write('Starting...\n');
  const running = await startStandalone(process.env);
  const { dashboardUrl, gatewayUrl, keysUrl, exampleUrl, dataFolder, catalogue } = running;
  const example =
    exampleUrl && `\n  example   ${exampleUrl}   sample desktops, schedules and notes, behind the gateway`;
  const elsewhere = keysUrl === 'http://localhost:3001' ? '' : `KEYS_URL=${keysUrl} `;
  const keys = `${elsewhere}npm run --silent keys --`;
  const hasDesktops = catalogue.groups.some(({ upstream }) => upstream === 'desktops');
  const desktops = hasDesktops
    ? `\n  curl -H "Authorization: Bearer <the key>" ${gatewayUrl}/v1/desktops`
    : '';
  process.stdout.write(`
${catalogue.title}: API keys are running. Ctrl-C stops them.

  dashboard ${dashboardUrl}   where people create and revoke their keys
  gateway   ${gatewayUrl}   the public API, guarded by keys
  keys      ${keysUrl}   issues, lists and revokes them${example ?? ''}
  data      ${relative('.', dataFolder) || '.'}   PostgreSQL and the secrets; delete it to start over

Open ${dashboardUrl} to create your first key. Or, in another terminal:

  ${keys} issue --owner ada@example.com --name "Production CI" ${examplesOf(catalogue)}
  curl -H "Authorization: Bearer <the key>" ${gatewayUrl}/v1/me${desktops}
  ${keys} list --owner ada@example.com
  ${keys} revoke <key id>

`);
  return running;
});

/** What a first key may do: what is preselected on the page, or the first that there is. */
function examplesOf({ capabilities }: Catalogue): string {
  const preselected = capabilities.filter((capability) => capability.default);
  const chosen = preselected.length > 0 ? preselected : capabilities.slice(0, 1);
  return chosen.map(({ name }) => `--capability ${name}`).join(' ');
}
