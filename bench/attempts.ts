/** Runs measures, so that a failure costs only its own figures and not those of half an hour. */
export class Attempts {
  /** The names of failed measures. */
  readonly failed: string[] = [];

  constructor(private readonly say: (text: string) => void) {}

  /** The measurement; undefined, with a message, if it failed. */
  async run<Measure>(name: string, measure: () => Promise<Measure>): Promise<Measure | undefined> {
    try {
      return await measure();
    } catch (err) {
      this.failed.push(name);
      this.say(`${name} failed: ${err instanceof Error ? (err.stack ?? err.message) : String(err)}`);
      return undefined;
    }
  }
}
