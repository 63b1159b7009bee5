interface TestFile {
  readonly path: string;
}

/** It searches everything that the others have left behind. */
const SERIAL = [/\/dist\/test\/security\/nothing-secret\./];

/** Whether a file is run by itself, after all others. */
export function runsSerially({ path }: TestFile): boolean {
  return SERIAL.some((pattern) => pattern.test(path));
}

/** Unit specs first, then the tests across services, and last what runs by itself. */
export default class Sequencer {
  sort<File extends TestFile>(files: readonly File[]): File[] {
    const rank = (file: TestFile): number =>
      runsSerially(file) ? 2 : file.path.includes('/dist/test/') ? 1 : 0;
    return [...files].sort((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path));
  }

  /** The order does not depend on earlier runs, so nothing of this one is kept. */
  cacheResults(): void {
    // Asked for by jest.
  }
}
