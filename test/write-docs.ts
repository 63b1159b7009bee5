import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withSettingsTables } from './settings-tables.js';

// npm run docs: writes into the documentation what the code knows.
const operations = join(import.meta.dirname, '../../docs/operations.md');
writeFileSync(operations, withSettingsTables(readFileSync(operations, 'utf8')));
