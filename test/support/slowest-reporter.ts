import type { AggregatedResult, Reporter } from '@jest/reporters';

const ROWS = 10;

/** Prints which test files took longest: what to split or speed up next. */
export default class SlowestReporter implements Pick<Reporter, 'onRunComplete'> {
  onRunComplete(_: unknown, { testResults }: AggregatedResult): void {
    if (testResults.length <= ROWS) return;
    const slowest = testResults
      .map(({ testFilePath, perfStats }) => ({
        seconds: (perfStats.end - perfStats.start) / 1000,
        file: testFilePath.replace(/^.*\/dist\//, '').replace(/\.js$/, '.ts'),
      }))
      .sort((a, b) => b.seconds - a.seconds)
      .slice(0, ROWS);
    const rows = slowest.map(({ seconds, file }) => `${seconds.toFixed(1).padStart(8)} s  ${file}`);
    process.stderr.write(`\nThe slowest ${ROWS} files:\n${rows.join('\n')}\n`);
  }
}
