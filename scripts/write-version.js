// Writes the version that package.json has now where the programs read it.
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = 'libs/mcp-tools/src/version.ts';
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
writeFileSync(FILE, readFileSync(FILE, 'utf8').replace(/VERSION = '[^']*'/, `VERSION = '${version}'`));
