import { Injectable, Logger } from '@nestjs/common';
import { Registry } from 'prom-client';
import { byLabel, registerCounter } from '#libs/service';
import { LogSeldom } from './log-seldom.js';

/** What a report is about. */
type Report = 'uses' | 'activity';

/**
 * The entries of gateways' reports. One that cannot be recorded is ignored, counted, and logged now and then: if the
 * whole report were refused for it, all its other entries would be lost, or sent again forever.
 */
@Injectable()
export class ReportEntries {
  readonly #ignored: Record<Report, number> = { uses: 0, activity: 0 };
  readonly #log = new LogSeldom(new Logger(ReportEntries.name));

  constructor(registry: Registry) {
    registerCounter(registry, {
      name: 'keys_report_entries_ignored_total',
      help: 'Ignored entries of gateways’ reports, which could not be recorded, by what the report is about.',
      labels: ['report'],
      read: () => byLabel('report', this.#ignored),
    });
  }

  /** The entries that can be recorded. */
  readable<Entry, Readable extends Entry>(
    report: Report,
    entries: readonly Entry[],
    isReadable: (entry: Entry) => entry is Readable,
  ): Readable[] {
    const readable = entries.filter(isReadable);
    const ignored = entries.length - readable.length;
    if (ignored === 0) return readable;
    this.#ignored[report] += ignored;
    this.#log.warn({
      reason: 'report_entries_ignored',
      report,
      ignored,
      msg: 'a gateway has reported what cannot be recorded: is it of another version?',
    });
    return readable;
  }
}
