/** Runs measures so that one that fails costs its own figures, and not those of half an hour. */
export class Attempts {
  /** The names of those that have failed. */
  readonly failed: string[] = [];

  constructor(private readonly say: (text: string) => void) {}

  /** What was measured; undefined, and said, when that has failed. */
  async run<Measure>(name: string, measure: () => Promise<Measure>): Promise<Measure | undefined> {
    try {
      return await measure();
    } catch (err) {
      this.failed.push(name);
      this.say(`${name} has failed: ${err instanceof Error ? (err.stack ?? err.message) : String(err)}`);
      return undefined;
    }
  }
}
