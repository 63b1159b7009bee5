import type { Provider, Type } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { systemClock } from '#libs/clock';
import { GitLabRevocationController } from './gitlab-revocation.controller.js';
import { GitLabTokenGuard, GitLabTokens } from './gitlab-token.guard.js';
import { GitLabTokenType } from './gitlab-token-type.js';
import { PartnerIdentifierGuard } from './partner-identifier.guard.js';
import { PartnerReportsController } from './partner-reports.controller.js';
import { PARTNER_NAMES, Partner, type PartnerName, Partners } from './partners.js';
import { PublishedKeys } from './published-keys.js';
import { ReportTokens } from './report-tokens.js';
import { TruffleHogController } from './trufflehog.controller.js';

/** The secret scanners that can report keys. */
export const SCANNERS = [...PARTNER_NAMES, 'trufflehog'] as const;

/** Which secret scanners may report keys, and how. */
export interface SecretScanning {
  /** Where the partners whose reports are taken publish their keys. */
  readonly keysUrls: Readonly<Partial<Record<PartnerName, string>>>;
  readonly isTruffleHogOn: boolean;
  /** The tokens of GitLab's Token Revocation API; none: it is off. */
  readonly gitLabTokens: readonly string[];
  readonly keyPrefix: string;
}

/** The routes of the scanners that may report, and no others. */
export function provideSecretScanning(options: SecretScanning | undefined): {
  readonly controllers: Type[];
  readonly providers: Provider[];
} {
  if (options === undefined) return { controllers: [], providers: [] };
  const { keysUrls, isTruffleHogOn, gitLabTokens, keyPrefix } = options;
  const partners = PARTNER_NAMES.flatMap((name) => {
    const url = keysUrls[name];
    return url === undefined ? [] : [new Partner(name, new PublishedKeys({ url, clock: systemClock }))];
  });
  return {
    controllers: [
      ...(isTruffleHogOn ? [TruffleHogController] : []),
      ...(partners.length > 0 ? [PartnerReportsController] : []),
      ...(gitLabTokens.length > 0 ? [GitLabRevocationController] : []),
    ],
    providers: [
      ReportTokens,
      { provide: Partners, useValue: new Partners(partners) },
      { provide: APP_GUARD, useClass: PartnerIdentifierGuard },
      { provide: GitLabTokens, useValue: new GitLabTokens(gitLabTokens) },
      { provide: GitLabTokenType, useValue: new GitLabTokenType(keyPrefix) },
      { provide: APP_GUARD, useClass: GitLabTokenGuard },
    ],
  };
}
