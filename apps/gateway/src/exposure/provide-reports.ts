import type { Provider } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { systemClock } from '#libs/clock';
import { KeyVerifier } from '#libs/key-guard';
import { CredentialsController } from './credentials.controller.js';
import { PendingReports } from './pending-reports.js';
import { PublicReports } from './public-reports.js';
import { ReportGuard, type ReportRoutes } from './report.guard.js';

/** How many reports anybody may send per hour. */
const PUBLIC_PER_HOUR = 60;

/** What takes reports of exposed keys: from anybody, and at further routes. */
export function provideReports(further: readonly ReportRoutes[]): Provider[] {
  const routes = [{ controller: CredentialsController, perHour: PUBLIC_PER_HOUR }, ...further];
  return [
    {
      provide: APP_GUARD,
      inject: [KeyVerifier],
      useFactory: ({ exposed }: KeyVerifier) => new ReportGuard(exposed, routes),
    },
    {
      provide: PendingReports,
      inject: [KeyVerifier],
      useFactory: ({ exposed }: KeyVerifier) => new PendingReports({ exposed, clock: systemClock }),
    },
    {
      provide: PublicReports,
      inject: [KeyVerifier, PendingReports],
      useFactory: ({ exposed }: KeyVerifier, pending: PendingReports) =>
        new PublicReports({ exposed, pending, clock: systemClock }),
    },
  ];
}
