import { Counter, Gauge, type Registry } from 'prom-client';

/** One number, and what it is about. */
export interface Reading {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Numbers that somebody keeps, read when Prometheus asks for them. */
export interface Shown {
  readonly name: string;
  readonly help: string;
  /** The names of the labels, of which each has few values, all known beforehand. */
  readonly labels?: readonly string[];
  readonly read: () => number | readonly Reading[] | Promise<number | readonly Reading[]>;
}

/** Shows numbers that only grow while the process lives. */
export function showCounter(registry: Registry, shown: Shown): void {
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
export function showGauge(registry: Registry, shown: Shown): void {
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
export function byLabel(label: string, record: Readonly<Record<string, number>>): Reading[] {
  return Object.entries(record).map(([name, value]) => ({ labels: { [label]: name }, value }));
}

function optionsOf(
  registry: Registry,
  { name, help, labels = [] }: Shown,
): { name: string; help: string; labelNames: string[]; registers: Registry[] } {
  return { name, help, labelNames: [...labels], registers: [registry] };
}

async function readingsOf({ read }: Shown): Promise<readonly Reading[]> {
  const readings = await read();
  return typeof readings === 'number' ? [{ value: readings }] : readings;
}
