// eslint-disable-next-line @typescript-eslint/no-require-imports -- its types are those of CommonJS
import jestRunner = require('jest-runner');
import { runsSerially } from './sequencer.js';

/** Runs test files side by side, and those that run serially when the others are done. */
export default class Runner extends jestRunner.default {
  override async runTests(...[tests, watcher, options]: RunTestsParameters): Promise<void> {
    await super.runTests(
      tests.filter((test) => !runsSerially(test)),
      watcher,
      options,
    );
    await super.runTests(tests.filter(runsSerially), watcher, { ...options, serial: true });
  }
}

type RunTestsParameters = Parameters<jestRunner.default['runTests']>;
