import { KeyGuardProblem } from '#libs/key-guard';
import { DatabaseProblem } from '#libs/postgres';
import { COMMON_CODES, type ProblemDeclaration } from '#libs/problems';
import { ServiceProblem } from '#libs/service';
import { IdentityProblem } from '#libs/signed-identity';
import { DashboardProblem } from '../../apps/dashboard/src/dashboard-problem.js';
import { GatewayProblem } from '../../apps/gateway/src/gateway-problem.js';
import { KeysProblem } from '../../apps/keys/src/management-api/keys-problem.js';
import { WARNINGS } from '../../apps/keys/src/verification-rpc/log-seldom.js';
import { ExampleProblem } from '../../examples/desktops/src/example-problem.js';

/** What is declared, and by whom. */
const DECLARED: readonly (readonly [by: string, ProblemDeclaration<string, string>])[] = [
  ['every service', { codes: COMMON_CODES, reasons: ServiceProblem.reasons }],
  ['gateway (the guard)', KeyGuardProblem],
  ['gateway', GatewayProblem],
  ['keys and dashboard', DatabaseProblem],
  ['keys', KeysProblem],
  ['keys, in the log alone, as a warning', { codes: {}, reasons: WARNINGS }],
  ['dashboard', DashboardProblem],
  ['a service behind the gateway', IdentityProblem],
  ['examples/desktops', ExampleProblem],
];

const BETWEEN = /(<!-- problems -->\n)[^]*(<!-- \/problems -->)/;

/** docs/operations.md with the tables of reasons and codes as they are declared. */
export function withProblemTables(document: string): string {
  const reasons = DECLARED.flatMap(([by, { reasons }]) =>
    Object.entries(reasons).map(([reason, meaning]) => `| \`${reason}\` | ${by} | ${meaning} |`),
  );
  const codes = new Map<string, string[]>();
  for (const [by, { codes: declared }] of DECLARED)
    for (const [code, { status, title }] of Object.entries(declared)) {
      const row = `| \`${code}\` | ${status} | ${title} |`;
      codes.set(row, [...(codes.get(row) ?? []), by]);
    }
  const tables = [
    ...['| reason | given by | what it means |', '|---|---|---|', ...reasons, ''],
    ...['| code | status | title | given by |', '|---|---|---|---|'],
    ...[...codes].map(([row, by]) => `${row} ${by.join(', ')} |`),
  ];
  return document.replace(
    BETWEEN,
    (_, start: string, end: string) => `${start}\n${tables.join('\n')}\n\n${end}`,
  );
}
