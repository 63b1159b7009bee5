import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { grafanaDashboard } from './grafana-dashboard.js';
import { keysDocument } from './keys-document.js';
import { withMcpParts } from './mcp-document.js';
import { openApiDocument } from './openapi-document.js';
import { withProblemTables } from './problem-tables.js';
import { revocationChart } from './revocation-chart.js';
import { withRedisUsers } from '../../test/security/redis-users.js';
import { withSettingsTables } from './settings-tables.js';
import { withWebhookEvents } from './webhooks-document.js';

// npm run docs: writes the generated parts of the documentation.
const root = join(import.meta.dirname, '../../..');
const operations = join(root, 'docs/operations.md');
const written = withProblemTables(withSettingsTables(readFileSync(operations, 'utf8')));
writeFileSync(operations, withRedisUsers(written));
const mcp = join(root, 'docs/mcp.md');
writeFileSync(mcp, withMcpParts(readFileSync(mcp, 'utf8')));
const webhooks = join(root, 'docs/webhooks.md');
writeFileSync(webhooks, withWebhookEvents(readFileSync(webhooks, 'utf8')));
writeFileSync(join(root, 'openapi.json'), await openApiDocument());
writeFileSync(join(root, 'openapi.keys.json'), await keysDocument());
writeFileSync(join(root, 'deploy/observability/grafana/dashboards/api-keys.json'), grafanaDashboard());
const revocationTimes = readFileSync(join(root, 'docs/revocation-times.md'), 'utf8');
writeFileSync(join(root, 'docs/revocation-times.svg'), revocationChart(revocationTimes));
