import { Injectable, Logger } from '@nestjs/common';
import { Registry } from 'prom-client';
import { byLabel, registerCounter } from '#libs/service';
import { LogSeldom } from './log-seldom.js';

/** What a report tells of. */
type Report = 'uses' | 'activity';

/**
 * The entries of reports that gateways send. One that cannot be recorded is left out, counted, and logged now and then,
 * so that it costs itself: were the report refused for it, everything else in it would be lost, or sent for ever.
 */
@Injectable()
export class ReportEntries {
  readonly #ignored: Record<Report, number> = { uses: 0, activity: 0 };
  readonly #log = new LogSeldom(new Logger(ReportEntries.name));

  constructor(registry: Registry) {
    registerCounter(registry, {
      name: 'keys_report_entries_ignored_total',
      help: 'Entries in reports of gateways that could not be recorded, by what the report tells of.',
      labels: ['report'],
      read: () => byLabel('report', this.#ignored),
    });
  }

  /** Those entries that can be recorded. */
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
