import { relative } from 'node:path';
import { runProcess } from '#libs/service';
import { startStandalone } from './standalone.js';

await runProcess(async () => {
  process.stdout.write('Starting...\n');
  const running = await startStandalone(process.env);
  const { dashboardUrl, gatewayUrl, keysUrl, exampleUrl, dataFolder } = running;
  const example =
    exampleUrl && `\n  example   ${exampleUrl}   sample desktops, schedules and notes, behind the gateway`;
  const elsewhere = keysUrl === 'http://localhost:3001' ? '' : `KEYS_URL=${keysUrl} `;
  const keys = `${elsewhere}npm run --silent keys --`;
  process.stdout.write(`
Le Bureau's API keys are running. Ctrl-C stops them.

    dashboard ${dashboardUrl}   where people create and revoke their keys
  gateway   ${gatewayUrl}   the public API, guarded by keys
  keys      ${keysUrl}   issues, lists and revokes them${example ?? ''}
  data      ${relative('.', dataFolder) || '.'}   PostgreSQL and the secrets; delete it to start over

Open ${dashboardUrl} to create your first key. Or, in another terminal:

  ${keys} issue --owner ada@example.com --name "Production CI" --capability desktop:read --capability desktop:chat
  curl -H "Authorization: Bearer <the key>" ${gatewayUrl}/v1/me
  curl -H "Authorization: Bearer <the key>" ${gatewayUrl}/v1/desktops
  ${keys} list --owner ada@example.com
  ${keys} revoke <key id>

`);
  return running;
});
