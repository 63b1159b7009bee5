import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AggregatedResult, Reporter } from '@jest/reporters';
import { runFolder } from '#libs/testing';

/** Saves the run's summary for `run.ts`, which prints it last. A file that could not be run counts as failed. */
export default class CountReporter implements Pick<Reporter, 'onRunComplete'> {
  onRunComplete(_: unknown, results: AggregatedResult): void {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, numPendingTests, numTodoTests } =
      results;
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    const skipped = numPendingTests + numTodoTests;
    const line = `${numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    writeFileSync(join(runFolder(), 'closing-line.txt'), line);
  }
}
