import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pagesOf } from '#libs/keys-client';
import { AUDIT_ACTIONS, type AuditEvent, type AuditEventFilter } from '#libs/keys-contract';
import type { DataSource } from 'typeorm';
import { Stack, TEST_SECRETS, call } from '#libs/testing';
import { ListAuditEvents } from '../../apps/keys/src/audit/list-audit-events.js';
import { openDatabase as openKeysDatabase } from '../../apps/keys/src/database/open-database.js';

let stack: Stack;
beforeAll(async () => void (stack = await Stack.start({ gateways: 0 })));
afterAll(() => stack.stop());

const CURSOR = 'Cursor must be the nextCursor of the previous page.';
const LIMIT = 'Limit must be an integer from 1 to 200.';

describe('a list', () => {
  it.each([
    ['/owners?limit=0', LIMIT],
    ['/keys?limit=201', LIMIT],
    ['/audit-events?limit=1.5', LIMIT],
    ['/owners?cursor=%00', CURSOR],
    ['/keys?cursor=1', CURSOR],
    ['/audit-events?cursor=0352dezfK9Gia0iM56jbgM', CURSOR],
    ['/audit-events?cursor=9999999999999999999', CURSOR],
    ['/owners?suspended=yes', 'suspended must be true or false.'],
    ['/owners?search=%20', 'Search must be 1 to 200 characters on one line.'],
    ['/keys?state=dead', 'State must be one of active, paused, expired, revoked, all.'],
    ['/keys?capability=Read+all', 'Capability must be a name such as desktop:read.'],
    ['/audit-events?keyId=ada', 'Key ID must be the 22 characters after sk_live_ in a key.'],
    ['/audit-events?action=key.stolen', `Action must be one of ${AUDIT_ACTIONS.join(', ')}.`],
    ['/audit-events?since=yesterday', 'Since must be a time such as 2027-01-31T12:00:00Z.'],
    ['/audit-events?since=2027-01-01T00:00:00Z&until=2027-01-01T00:00:00Z', 'Since must be before until.'],
  ])('refuses what cannot be meant, and says what can: %s', async (path, detail) => {
    const answer = await call(stack.keysUrl + path, TEST_SECRETS.KEYS_MANAGE_TOKEN);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request', detail } });
  });
});

describe('the list of owners', () => {
  const IDS = ['u_1', 'u_2', 'u%3', 'ux4', 'v5'];
  beforeAll(async () => {
    for (const id of IDS) await stack.manage.putOwner(id, { email: `Owner-${id.at(-1) ?? ''}@example.com` });
    await stack.manage.suspendOwner('ux4');
  });

  const found = async (filter: Parameters<typeof stack.manage.listOwners>[0]): Promise<string[]> => {
    const ids: string[] = [];
    for await (const { owners } of pagesOf((from) => stack.manage.listOwners({ ...filter, ...from })))
      ids.push(...owners.map(({ id }) => id));
    return ids;
  };

  it('has every owner once, page by page', async () => {
    const all = await found({ limit: 2 });
    expect(all.filter((id) => IDS.includes(id)).sort()).toEqual([...IDS].sort());
    expect(all).toEqual(await found({}));
  });

  it.each([
    [{ search: 'u_' }, ['u_1', 'u_2']],
    [{ search: 'u%' }, ['u%3']],
    [{ search: 'U' }, []],
    [{ search: 'owner-4@EXAMPLE' }, ['ux4']],
    [{ search: 'owner-', suspended: true }, ['ux4']],
    [{ search: 'u', suspended: false }, ['u_1', 'u_2', 'u%3']],
    [{ email: 'OWNER-5@example.com' }, ['v5']],
    [{ email: 'owner@example.com' }, []],
  ])('finds %j', async (filter, ids) => {
    expect((await found(filter)).sort()).toEqual([...ids].sort());
  });

  it('has all owners of an address on one page, for clients that know no pages', async () => {
    await stack.database.query(
      `INSERT INTO owners (id, email, role, tier) SELECT 'many-' || n, 'many@example.com', 'user', 'free' FROM generate_series(1, 150) n`,
    );
    expect((await stack.manage.listOwners({ email: 'many@example.com' })).owners).toHaveLength(150);
    expect((await stack.manage.listOwners({ search: 'many' })).owners).toHaveLength(100);
    expect(await stack.manage.findOwnersByEmail('many@example.com')).toHaveLength(150);
  });
});

describe('the list of all keys', () => {
  it('finds them by owner, state and capability, newest first, page by page', async () => {
    const reader = (await stack.issue('ada', ['kb:read'])).key;
    const both = (await stack.issue('grace', ['desktop:read', 'kb:read'])).key;
    const revoked = (await stack.issue('grace', ['kb:read'])).key;
    const other = (await stack.issue('grace', ['desktop:read'])).key;
    await stack.manage.revoke(revoked.id);
    const found = async (filter: Parameters<typeof stack.manage.listKeys>[0]): Promise<string[]> => {
      const ids: string[] = [];
      for await (const { keys } of pagesOf((from) => stack.manage.listKeys({ limit: 1, ...filter, ...from })))
        ids.push(...keys.map(({ id }) => id));
      return ids;
    };
    expect(await found({})).toEqual([other.id, both.id, reader.id]);
    expect(await found({ state: 'all', capability: 'kb:read' })).toEqual([revoked.id, both.id, reader.id]);
    expect(await found({ state: 'revoked' })).toEqual([revoked.id]);
    expect(await found({ ownerId: 'grace', capability: 'desktop:read' })).toEqual([other.id, both.id]);
    expect(await found({ ownerId: 'nobody' })).toEqual([]);
    expect(await found({ capability: 'invoices:read' })).toEqual([]);
  });
});

describe('the audit log', () => {
  const COUNT = 100_000;
  /** The IDs of the events below, newest first. */
  let filled: string[];
  beforeAll(async () => {
    // Three events at each moment, so that pages end between them, and moments that a JavaScript Date cannot tell apart.
    await stack.database.query(
      `INSERT INTO audit_events (action, actor, owner_id, key_id, details, at)
       SELECT CASE WHEN n % 1000 = 0 THEN 'owner.suspended' ELSE 'key.issued' END,
              CASE WHEN n % 500 = 7 THEN 'fill-rare' ELSE 'fill' END, 'many-' || n % 100,
              'key-' || n % 10000, '{}', '2026-01-01T00:00:00Z'::timestamptz + n / 3 * interval '7 microseconds'
         FROM generate_series(1, ${COUNT}) n`,
    );
    await stack.database.query('ANALYZE audit_events');
    const { rows } = await stack.database.query(
      `SELECT id FROM audit_events WHERE actor LIKE 'fill%' ORDER BY at DESC, id DESC`,
    );
    filled = rows.map(({ id }) => id);
  });

  /** What all pages have. Every hundred of them, something happens. */
  async function read(filter: AuditEventFilter): Promise<{ events: AuditEvent[]; pages: number }> {
    const events: AuditEvent[] = [];
    let pages = 0;
    const all = pagesOf((from) => stack.manage.listAuditEvents({ limit: 200, ...filter, ...from }));
    for await (const page of all) {
      events.push(...page.events);
      if (++pages % 100 === 0) await stack.manage.putOwner(`later-${pages}`, { email: 'later@example.com' });
    }
    return { events, pages };
  }

  const ids = (events: readonly AuditEvent[]): string =>
    events.flatMap(({ id, actor }) => (actor.startsWith('fill') ? [id] : [])).join();

  it('has every event once, newest first, while others are added', async () => {
    const { events } = await read({});
    expect(ids(events) === filled.join()).toBe(true);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    expect(await read({ since: '2027-01-01T00:00:00Z' })).toEqual({ events: [], pages: 1 });
  });

  it('has the events that were asked for', async () => {
    const { rows } = await stack.database.query(
      `SELECT id, actor, owner_id, key_id, action, at BETWEEN '2026-01-01T00:00:00.150Z' AND '2026-01-01T00:00:00.154999Z' AS within
         FROM audit_events WHERE actor LIKE 'fill%' ORDER BY at DESC, id DESC`,
    );
    const those = (isMeant: (row: (typeof rows)[number]) => boolean): string =>
      rows.flatMap((row) => (isMeant(row) ? [row.id] : [])).join();
    const range = { since: '2026-01-01T00:00:00.150Z', until: '2026-01-01T00:00:00.155Z' };
    expect(ids((await read({ ownerId: 'many-7' })).events)).toBe(those((row) => row.owner_id === 'many-7'));
    expect(ids((await read({ action: 'owner.suspended' })).events)).toBe(
      those((row) => row.action === 'owner.suspended'),
    );
    expect(ids((await read({ actor: 'fill-rare' })).events)).toBe(those((row) => row.actor === 'fill-rare'));
    expect((await read({ actor: 'nobody' })).events).toEqual([]);
    expect(ids((await read(range)).events)).toBe(those((row) => row.within));
    expect(ids((await read({ ...range, ownerId: 'many-7' })).events)).toBe(
      those((row) => row.within && row.owner_id === 'many-7'),
    );
    expect((await read({ keyId: '0352dezfK9Gia0iM56jbgM' })).events).toEqual([]);
  });

  describe('reads from an index, in its order, and little more than it shows', () => {
    const NOTHING = {
      keyId: undefined,
      ownerId: undefined,
      action: undefined,
      actor: undefined,
      since: undefined,
      until: undefined,
      cursor: undefined,
      limit: 200,
    };
    let database: DataSource;
    let statements: { text: string; values: unknown[] }[];
    beforeAll(async () => {
      database = await openKeysDatabase({ url: stack.database.url, poolSize: 4 });
      const ignore = (): void => undefined;
      database.logger = {
        logQuery: (text, values = []) => void statements.push({ text, values: [values].flat() }),
        logQueryError: ignore,
        logQuerySlow: ignore,
        logSchemaBuild: ignore,
        logMigration: ignore,
        log: ignore,
      };
    });
    afterAll(async () => {
      await database.destroy();
      await stack.database.query('RESET enable_sort');
    });

    it.each([
      ['all', 'audit_events_at', {}],
      ['of an owner', 'audit_events_owner_at', { ownerId: 'many-7' }],
      ['of a kind', 'audit_events_action_at', { action: 'owner.suspended' }],
      ['of an actor', 'audit_events_actor_at', { actor: 'fill-rare' }],
      ['of a key', 'audit_events_key', { keyId: 'key-7' }],
      [
        'of a time',
        'audit_events_at',
        { since: new Date('2026-01-01T00:00:00.150Z'), until: new Date('2026-01-01T00:00:00.200Z') },
      ],
      ['from a cursor on', 'audit_events_at', { cursor: () => filled[COUNT / 2] }],
      [
        'of an owner, from a cursor on',
        'audit_events_owner_at',
        { ownerId: 'many-7', cursor: () => filled[COUNT / 2] },
      ],
    ])('%s', async (_, index, { cursor, ...filter }: { cursor?: () => string | undefined } & object) => {
      statements = [];
      const page = await new ListAuditEvents(database).execute({ ...NOTHING, ...filter, cursor: cursor?.() });
      const { text = '', values = [] } = statements.find((each) => each.text.includes('audit_events')) ?? {};
      // Of an owner's few events, sorting all is as good a plan: this asks for the one that larger tables get.
      const hasOrder = index.endsWith('_at');
      await stack.database.query(`SET enable_sort = ${hasOrder ? 'off' : 'on'}`);
      const { rows } = await stack.database.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values);
      const nodes = nodesOf(rows[0]['QUERY PLAN'][0].Plan);
      expect(nodes.map((node) => node['Index Name'])).toContain(index);
      const read = nodes
        .filter((node) => node['Relation Name'] !== undefined)
        .reduce((sum, node) => sum + node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0), 0);
      expect(page.items.length).toBeGreaterThan(0);
      // The event at the cursor, and one to know whether there is a next page.
      expect(read).toBeLessThanOrEqual(page.items.length + 2);
    });
  });
});

/** The part of a plan that a test looks at. */
interface PlanNode {
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** A node, and all below it. */
function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}
