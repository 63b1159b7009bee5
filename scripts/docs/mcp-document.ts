import { type Configuration, configurations } from '#libs/client-configuration';
import { ROUTES_WITHOUT_TOOL, TOOLS, type Tool } from '#libs/mcp-tools';
import { describeSettings } from '#libs/settings';
import { EXIT_CODES } from '../../apps/mcp/src/exit-codes.js';
import { mcpSettings } from '../../apps/mcp/src/mcp-settings.js';
import { settingsTable } from './settings-tables.js';

/** docs/mcp.md with the parts that are generated from the code. */
export function withMcpParts(document: string): string {
  const parts = {
    clients: clients(),
    tools: tools(),
    routes: routesWithoutTool(),
    settings: settingsTable(describeSettings(mcpSettings)),
    'exit codes': exitCodes(),
  };
  return Object.entries(parts).reduce((text, [name, part]) => between(text, name, part), document);
}

function between(document: string, name: string, part: string): string {
  const marked = new RegExp(`(<!-- ${name} -->\n)[^]*(<!-- /${name} -->)`);
  // As a function, since a "$" in the part has no meaning.
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

function tools(): string {
  const rows = TOOLS.map(
    (tool) => `| \`${tool.name}\` | \`${tool.capability}\` | ${tool.description} | ${effectOf(tool)} |`,
  );
  return ['| tool | capability | what it does | effect |', '|---|---|---|---|', ...rows].join('\n');
}

/** As clients see it in the tool's annotations. */
function effectOf({ hints }: Tool): string {
  if (hints.readOnlyHint) return 'reads';
  return hints.destructiveHint ? 'may destroy' : 'changes';
}

function routesWithoutTool(): string {
  return Object.entries(ROUTES_WITHOUT_TOOL)
    .map(([route, why]) => `- \`${route}\`: ${why}`)
    .join('\n');
}

function exitCodes(): string {
  const rows = Object.values(EXIT_CODES).map(({ code, meaning }) => `| ${code} | ${meaning} |`);
  return ['| exit code | meaning |', '|---|---|', ...rows].join('\n');
}
