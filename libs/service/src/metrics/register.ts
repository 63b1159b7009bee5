import { Counter, Gauge, type Registry } from 'prom-client';

/** One number, and what it is about. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Numbers that somebody keeps, read when Prometheus asks for them. */
export interface MetricDefinition {
  readonly name: string;
  readonly help: string;
  /** The names of the labels, of which each has few values, all known beforehand. */
  readonly labels?: readonly string[];
  readonly read: () => number | readonly Sample[] | Promise<number | readonly Sample[]>;
}

/** Shows numbers that only grow while the process lives. */
export function registerCounter(registry: Registry, shown: MetricDefinition): void {
  new Counter({
    ...optionsOf(registry, shown),
    async collect() {
      const readings = await readingsOf(shown);
      this.reset();
      for (const { labels = {}, value } of readings) this.inc(labels, value);
    },
  });
}

/** Shows numbers that come and go. */
export function registerGauge(registry: Registry, shown: MetricDefinition): void {
  new Gauge({
    ...optionsOf(registry, shown),
    async collect() {
      const readings = await readingsOf(shown);
      this.reset();
      for (const { labels = {}, value } of readings) this.set(labels, value);
    },
  });
}

/** A reading for each number of `record`, whose names are the values of one label. */
export function byLabel(label: string, record: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(record).map(([name, value]) => ({ labels: { [label]: name }, value }));
}

function optionsOf(
  registry: Registry,
  { name, help, labels = [] }: MetricDefinition,
): { name: string; help: string; labelNames: string[]; registers: Registry[] } {
  return { name, help, labelNames: [...labels], registers: [registry] };
}

async function readingsOf({ read }: MetricDefinition): Promise<readonly Sample[]> {
  const readings = await read();
  return typeof readings === 'number' ? [{ value: readings }] : readings;
}
