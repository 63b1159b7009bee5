/**
 * What a client may expect of a tool. All hints are given, since the defaults of the protocol are the most careful ones (MCP
 * 2026-07-28, ToolAnnotations).
 */
export interface ToolHints {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

/** A tool as this table has it. Its title, capability and schemas are those of its route in openapi.json. */
export interface ToolDefinition {
  readonly name: string;
  /** `POST /v1/desktops/{desktopId}/click`: the names in braces are arguments. */
  readonly route: string;
  /** For the model: what it gets, and what to call before or after. */
  readonly description: string;
  readonly hints: ToolHints;
}

const READS: ToolHints = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};
const CHANGES: ToolHints = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: false,
  openWorldHint: false,
};
const CHANGES_ONCE: ToolHints = { ...CHANGES, idempotentHint: true };
/** What was not saved on the desktop is lost. */
const INTERRUPTS: ToolHints = { ...CHANGES, destructiveHint: true };
/** The agent on the desktop does what it is asked, on the internet as well. */
const ASKS_AN_AGENT: ToolHints = { ...CHANGES, openWorldHint: true };

/** Every tool, in the order in which clients see them. */
export const TOOL_DEFINITIONS: readonly ToolDefinition[] = [
  {
    name: 'desktops_list',
    route: 'GET /v1/desktops',
    description: 'Lists the cloud desktops with their IDs and statuses, a page at a time.',
    hints: READS,
  },
  {
    name: 'desktops_get',
    route: 'GET /v1/desktops/{desktopId}',
    description:
      'Reads one desktop. It can be controlled while its status is `running` and `agentReady` is true.',
    hints: READS,
  },
  {
    name: 'desktops_start',
    route: 'POST /v1/desktops/{desktopId}/start',
    description:
      'Starts a stopped desktop, which takes a while. Read it with desktops_get until `agentReady` is true.',
    hints: CHANGES_ONCE,
  },
  {
    name: 'desktops_stop',
    route: 'POST /v1/desktops/{desktopId}/stop',
    description: 'Stops a running desktop. Programs on it end, and what they have not saved is lost.',
    hints: { ...INTERRUPTS, idempotentHint: true },
  },
  {
    name: 'desktops_restart',
    route: 'POST /v1/desktops/{desktopId}/restart',
    description: 'Restarts a running desktop. Programs on it end, and what they have not saved is lost.',
    hints: INTERRUPTS,
  },
  {
    name: 'desktop_exec_python',
    route: 'POST /v1/desktops/{desktopId}/python',
    description: 'Runs Python on a desktop and returns what it prints and its exit code.',
    hints: INTERRUPTS,
  },
  {
    name: 'desktop_screenshot',
    route: 'GET /v1/desktops/{desktopId}/screenshot',
    description: 'Returns a picture of a desktop’s screen (PNG). Coordinates count from its top left corner.',
    hints: READS,
  },
  {
    name: 'desktop_click',
    route: 'POST /v1/desktops/{desktopId}/click',
    description: 'Clicks at a place on a desktop’s screen. Take a screenshot to see where, and what it did.',
    hints: CHANGES,
  },
  {
    name: 'desktop_type',
    route: 'POST /v1/desktops/{desktopId}/type',
    description: 'Types text where the keyboard focus of a desktop is.',
    hints: CHANGES,
  },
  {
    name: 'desktop_key',
    route: 'POST /v1/desktops/{desktopId}/key',
    description: 'Presses keys together on a desktop, such as ["ctrl", "s"].',
    hints: CHANGES,
  },
  {
    name: 'desktop_scroll',
    route: 'POST /v1/desktops/{desktopId}/scroll',
    description: 'Scrolls at a place on a desktop’s screen.',
    hints: CHANGES,
  },
  {
    name: 'desktop_drag',
    route: 'POST /v1/desktops/{desktopId}/drag',
    description: 'Drags the mouse from one place on a desktop’s screen to another.',
    hints: CHANGES,
  },
  {
    name: 'desktop_chat',
    route: 'POST /v1/desktops/{desktopId}/chat',
    description:
      'Sends a message to the AI agent on a desktop and returns its reply, which may take minutes. To continue a conversation, send its `conversationId`.',
    hints: ASKS_AN_AGENT,
  },
  {
    name: 'schedules_list',
    route: 'GET /v1/schedules',
    description: 'Lists the scheduled jobs with their IDs and next runs, a page at a time.',
    hints: READS,
  },
  {
    name: 'schedules_get',
    route: 'GET /v1/schedules/{scheduleId}',
    description: 'Reads one scheduled job.',
    hints: READS,
  },
  {
    name: 'schedules_create',
    route: 'POST /v1/schedules',
    description: 'Creates a scheduled job: at each of its times, the agent on a desktop gets a message.',
    hints: ASKS_AN_AGENT,
  },
  {
    name: 'schedules_update',
    route: 'PATCH /v1/schedules/{scheduleId}',
    description: 'Changes, pauses or resumes a scheduled job. What is left out stays as it is.',
    hints: { ...ASKS_AN_AGENT, idempotentHint: true },
  },
  {
    name: 'schedules_run',
    route: 'POST /v1/schedules/{scheduleId}/run',
    description: 'Runs a scheduled job now, besides its times.',
    hints: ASKS_AN_AGENT,
  },
  {
    name: 'kb_search',
    route: 'GET /v1/kb/search',
    description: 'Searches the workspace knowledge base. Read a whole note with kb_note, by its `path`.',
    hints: READS,
  },
  {
    name: 'kb_note',
    route: 'GET /v1/kb/notes/{path}',
    description: 'Reads a note of the workspace knowledge base, as Markdown.',
    hints: READS,
  },
];

/** The routes of the public API that no tool calls, each with the reason. */
export const ROUTES_WITHOUT_TOOL: Readonly<Record<string, string>> = {
  'GET /v1/me': 'The server itself asks it, to find out which tools the key may use.',
  'POST /v1/desktops/{id}/bash': 'Le Bureau has no tool for it: desktop_exec_python runs commands as well.',
  'POST /v1/desktops/{id}/exec': 'Le Bureau has no tool for it: desktop_exec_python runs programs as well.',
  'POST /credentials/revoke': 'It is for people and scanners that find keys, and needs no key.',
};
