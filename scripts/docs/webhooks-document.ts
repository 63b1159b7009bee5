import { WEBHOOK_EVENTS } from '#libs/keys-contract';

const BETWEEN = /(<!-- events -->\n)[^]*(<!-- \/events -->)/;

/** docs/webhooks.md with the table of events generated from the code. */
export function withWebhookEvents(document: string): string {
  const rows = Object.entries(WEBHOOK_EVENTS).map(([event, when]) => `| \`${event}\` | ${when} |`);
  const table = ['| event | when |', '|---|---|', ...rows].join('\n');
  return document.replace(BETWEEN, (_, start: string, end: string) => `${start}\n${table}\n\n${end}`);
}
