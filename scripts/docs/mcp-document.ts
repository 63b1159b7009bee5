import { type Configuration, configurations } from '#libs/client-configuration';

/** docs/mcp.md with the parts that are generated from the code. */
export function withMcpParts(document: string): string {
  return between(document, 'clients', clients());
}

function between(document: string, name: string, part: string): string {
  const marked = new RegExp(`(<!-- ${name} -->\n)[^]*(<!-- /${name} -->)`);
  // As a function, since "$" in a text has no meaning.
  return document.replace(marked, (_, start: string, end: string) => `${start}\n${part}\n\n${end}`);
}

function clients(): string {
  return configurations({ gatewayUrl: 'https://api.example.com', key: 'sk_live_...' })
    .filter(({ usesMcp }) => usesMcp)
    .map(client)
    .join('\n\n');
}

function client({ title, file, language, text, note }: Configuration): string {
  const place = file === undefined ? 'In a terminal' : `\`${file}\``;
  return `### ${title}\n\n${place}:\n\n\`\`\`${language}\n${text}\n\`\`\`\n\n${note}`;
}
