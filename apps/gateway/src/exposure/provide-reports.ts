import type { Provider } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { systemClock } from '#libs/clock';
import { KeyVerifier } from '#libs/key-guard';
import { PendingReports } from './pending-reports.js';
import { PublicReports } from './public-reports.js';
import { ReportLimitGuard } from './report-limit.guard.js';

/** What takes reports of exposed keys. */
export function provideReports(): Provider[] {
  return [
    { provide: APP_GUARD, useClass: ReportLimitGuard },
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
