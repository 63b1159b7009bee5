import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { grafanaDashboard } from './grafana-dashboard.js';
import { openApiDocument } from './openapi-document.js';
import { withRedisUsers } from '../../test/security/redis-users.js';
import { withSettingsTables } from './settings-tables.js';

// npm run docs: writes into the documentation what the code knows.
const root = join(import.meta.dirname, '../../..');
const operations = join(root, 'docs/operations.md');
writeFileSync(operations, withRedisUsers(withSettingsTables(readFileSync(operations, 'utf8'))));
writeFileSync(join(root, 'openapi.json'), await openApiDocument());
writeFileSync(join(root, 'deploy/observability/grafana/dashboards/api-keys.json'), grafanaDashboard());
