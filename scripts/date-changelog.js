// Turns "Unreleased" in CHANGELOG.md into the version that package.json has now, dated today, and begins a new one.
import { readFileSync, writeFileSync } from 'node:fs';

const HEADING = '## [Unreleased]\n';
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const changelog = readFileSync('CHANGELOG.md', 'utf8');
if (!changelog.includes(HEADING)) throw new Error('CHANGELOG.md has no section "Unreleased".');
const today = new Date().toISOString().slice(0, 10);
writeFileSync('CHANGELOG.md', changelog.replace(HEADING, `${HEADING}\n## [${version}] - ${today}\n`));
