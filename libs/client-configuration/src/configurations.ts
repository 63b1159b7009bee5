/** The environment variable with the key, for programs and for the MCP server. */
export const API_KEY_VARIABLE = 'LE_BUREAU_API_KEY';
/** The environment variable with the gateway's URL. */
export const API_URL_VARIABLE = 'LE_BUREAU_API_URL';

/** The key that a program uses, and where. */
export interface Connection {
  /** As people reach the gateway, without a slash at the end. */
  readonly gatewayUrl: string;
  readonly key: string;
}

/** The lines of an `.env` file. */
export function envFile({ gatewayUrl, key }: Connection): string {
  return `${API_KEY_VARIABLE}=${key}\n${API_URL_VARIABLE}=${gatewayUrl}`;
}

/** What to copy for one kind of program. */
export interface Configuration {
  readonly id: string;
  /** The program, as its makers write it. */
  readonly title: string;
  /** Whether it is a client of the MCP server, and not a program of one's own. */
  readonly usesMcp: boolean;
  /** The file that it belongs into; undefined for a command. */
  readonly file: string | undefined;
  /** The language of the text, as in a Markdown code block. */
  readonly language: string;
  readonly text: string;
  /** What to do with it, and where the key ends up. Texts in backquotes are code. */
  readonly note: string;
}

/** Ready configurations, in the order in which people see them. Only those that have to contain the key do. */
export function configurations({ gatewayUrl, key }: Connection): readonly Configuration[] {
  return [
    {
      id: 'curl',
      title: 'curl',
      usesMcp: false,
      file: undefined,
      language: 'sh',
      text: `curl -H "Authorization: Bearer ${key}" ${gatewayUrl}/v1/me`,
      note: 'Shows whose key it is and what it may do. The command stays in your shell’s history.',
    },
    {
      id: 'env',
      title: '.env',
      usesMcp: false,
      file: '.env',
      language: 'sh',
      text: envFile({ gatewayUrl, key }),
      note: 'List `.env` in `.gitignore`, so that the key is not committed.',
    },
    {
      id: 'node',
      title: 'Node',
      usesMcp: false,
      file: 'example.mjs',
      language: 'js',
      text: `const { ${API_KEY_VARIABLE}, ${API_URL_VARIABLE} } = process.env;
const response = await fetch(\`\${${API_URL_VARIABLE}}/v1/me\`, {
  headers: { Authorization: \`Bearer \${${API_KEY_VARIABLE}}\` },
});
console.log(response.status, await response.json());`,
      note: 'Takes the key from `.env`: run `node --env-file=.env example.mjs`.',
    },
    {
      id: 'python',
      title: 'Python',
      usesMcp: false,
      file: 'example.py',
      language: 'python',
      text: `import json, os, urllib.request

request = urllib.request.Request(
    os.environ["${API_URL_VARIABLE}"] + "/v1/me",
    headers={"Authorization": "Bearer " + os.environ["${API_KEY_VARIABLE}"]},
)
with urllib.request.urlopen(request) as response:
    print(response.status, json.load(response))`,
      note: 'Takes the key from `.env`: run `(set -a; . ./.env; python3 example.py)`.',
    },
    {
      // “Connect to local MCP servers”, modelcontextprotocol.io/docs/develop/connect-local-servers
      id: 'claude-desktop',
      title: 'Claude Desktop',
      usesMcp: true,
      file: 'claude_desktop_config.json',
      language: 'json',
      text: `{
  "mcpServers": {
    "le-bureau": {
      "command": "npx",
      "args": ["-y", "@lebureau/mcp"],
      "env": {
        "${API_KEY_VARIABLE}": "${key}",
        "${API_URL_VARIABLE}": "${gatewayUrl}"
      }
    }
  }
}`,
      note: '“Edit Config” in Settings → Developer leads to this file, which is yours alone and in no project. If it lists servers already, add this one to them. Restart Claude Desktop afterwards. Needs Node 20.19 or later.',
    },
    {
      // “Connect Claude Code to tools via MCP”, code.claude.com/docs/en/mcp. `--header` takes several values, so it comes last.
      id: 'claude-code',
      title: 'Claude Code',
      usesMcp: true,
      file: undefined,
      language: 'sh',
      text: `claude mcp add --transport http --scope user le-bureau ${gatewayUrl}/mcp --header "Authorization: Bearer ${key}"`,
      note: 'Stores the key in `~/.claude.json`, in no project. The command stays in your shell’s history.',
    },
    {
      // “Model Context Protocol”, cursor.com/docs/mcp: headers may refer to environment variables.
      id: 'cursor',
      title: 'Cursor',
      usesMcp: true,
      file: '.cursor/mcp.json',
      language: 'json',
      text: `{
  "mcpServers": {
    "le-bureau": {
      "url": "${gatewayUrl}/mcp",
      "headers": { "Authorization": "Bearer \${env:${API_KEY_VARIABLE}}" }
    }
  }
}`,
      note: `Safe to commit: the key is not in it. Set the environment variable \`${API_KEY_VARIABLE}\` before you start Cursor.`,
    },
    {
      // “MCP configuration reference”, code.visualstudio.com/docs/copilot/reference/mcp-configuration
      id: 'vs-code',
      title: 'VS Code',
      usesMcp: true,
      file: '.vscode/mcp.json',
      language: 'json',
      text: `{
  "inputs": [
    {
      "type": "promptString",
      "id": "le-bureau-key",
      "description": "Le Bureau API key",
      "password": true
    }
  ],
  "servers": {
    "leBureau": {
      "type": "http",
      "url": "${gatewayUrl}/mcp",
      "headers": { "Authorization": "Bearer \${input:le-bureau-key}" }
    }
  }
}`,
      note: 'Safe to commit: the key is not in it. VS Code asks for the key when it first starts the server, and stores it securely.',
    },
  ];
}
