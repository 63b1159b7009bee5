import { Counter, Gauge, type Registry } from 'prom-client';

/** A number and its labels. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric whose value is read when Prometheus scrapes it. */
export interface MetricDefinition {
  readonly name: string;
  readonly help: string;
  /** The names of the labels. Each has few values, all known beforehand. */
  readonly labels?: readonly string[];
  readonly read: () => number | readonly Sample[] | Promise<number | readonly Sample[]>;
}

/** Registers a number that only grows while the process lives. */
export function registerCounter(registry: Registry, metric: MetricDefinition): void {
  new Counter({
    ...optionsOf(registry, metric),
    async collect() {
      const samples = await samplesOf(metric);
      this.reset();
      for (const { labels = {}, value } of samples) this.inc(labels, value);
    },
  });
}

/** Registers a number that goes up and down. */
export function registerGauge(registry: Registry, metric: MetricDefinition): void {
  new Gauge({
    ...optionsOf(registry, metric),
    async collect() {
      const samples = await samplesOf(metric);
      this.reset();
      for (const { labels = {}, value } of samples) this.set(labels, value);
    },
  });
}

/** A sample for each number in `record`, whose names are the values of one label. */
export function byLabel(label: string, record: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(record).map(([name, value]) => ({ labels: { [label]: name }, value }));
}

function optionsOf(
  registry: Registry,
  { name, help, labels = [] }: MetricDefinition,
): { name: string; help: string; labelNames: string[]; registers: Registry[] } {
  return { name, help, labelNames: [...labels], registers: [registry] };
}

async function samplesOf({ read }: MetricDefinition): Promise<readonly Sample[]> {
  const samples = await read();
  return typeof samples === 'number' ? [{ value: samples }] : samples;
}
