interface TestFile {
  readonly path: string;
}

/** What takes half a minute or more: begun late, it would run alone at the end. */
const LONG =
  /\/dist\/test\/(resilience|packages|protocol)\/|rotate-secrets|npm-start|redis-users|every-state|create-key|(expire|verify)-a-key|last-used|slow-clients|verify-port/;

/** It searches everything that the others have left behind. */
const SERIAL = [/\/dist\/test\/security\/nothing-secret\./];

/** Whether a file is run by itself, after all others. */
export function runsSerially({ path }: TestFile): boolean {
  return SERIAL.some((pattern) => pattern.test(path));
}

/** Unit specs first, then the tests across services, the long ones before the others, and last what runs by itself. */
export default class Sequencer {
  sort<File extends TestFile>(files: readonly File[]): File[] {
    const rank = (file: TestFile): number => {
      if (runsSerially(file)) return 3;
      if (!file.path.includes('/dist/test/')) return 0;
      return LONG.test(file.path) ? 1 : 2;
    };
    return [...files].sort((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path));
  }

  /** The order does not depend on earlier runs, so nothing of this one is kept. */
  cacheResults(): void {
    // Asked for by jest.
  }
}
