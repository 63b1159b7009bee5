import type { Provider } from '@nestjs/common';
import { systemClock } from '#libs/clock';
import { KeyVerifier } from '#libs/key-guard';
import type { ReportRoutes } from '../exposure/report.guard.js';
import { GitLabRevocationController } from './gitlab-revocation.controller.js';
import { GitLabTokenType } from './gitlab-token-type.js';
import { GitLabTokens } from './gitlab-tokens.js';
import { PartnerReportsController } from './partner-reports.controller.js';
import { PARTNER_NAMES, Partner, type PartnerName, Partners } from './partners.js';
import { PublishedKeys } from './published-keys.js';
import { ReportTokens } from './report-tokens.js';
import { TruffleHogController } from './trufflehog.controller.js';

/** The secret scanners that can report keys. */
export const SCANNERS = [...PARTNER_NAMES, 'trufflehog'] as const;

/** How many requests per hour TruffleHog and a GitLab may send. Partners, who sign theirs, may send any number. */
const TRUFFLEHOG_PER_HOUR = 60;
const GITLAB_PER_HOUR = 600;

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
  readonly routes: readonly ReportRoutes[];
  readonly providers: readonly Provider[];
} {
  if (options === undefined) return { routes: [], providers: [] };
  const { keysUrls, isTruffleHogOn, gitLabTokens, keyPrefix } = options;
  const partners = new Partners(
    PARTNER_NAMES.flatMap((name) => {
      const url = keysUrls[name];
      return url === undefined ? [] : [new Partner(name, new PublishedKeys({ url, clock: systemClock }))];
    }),
  );
  const tokens = new GitLabTokens(gitLabTokens);
  const ofPartners: ReportRoutes = {
    controller: PartnerReportsController,
    check: (req) => partners.of(req).checkIdentifier(req),
  };
  const ofTruffleHog: ReportRoutes = { controller: TruffleHogController, perHour: TRUFFLEHOG_PER_HOUR };
  const ofGitLab: ReportRoutes = {
    controller: GitLabRevocationController,
    perHour: GITLAB_PER_HOUR,
    check: (req) => tokens.check(req),
  };
  return {
    routes: [
      ...(isTruffleHogOn ? [ofTruffleHog] : []),
      ...(partners.isEmpty ? [] : [ofPartners]),
      ...(gitLabTokens.length > 0 ? [ofGitLab] : []),
    ],
    providers: [
      {
        provide: ReportTokens,
        inject: [KeyVerifier],
        useFactory: ({ exposed }: KeyVerifier) => new ReportTokens({ exposed, clock: systemClock }),
      },
      { provide: Partners, useValue: partners },
      { provide: GitLabTokenType, useValue: new GitLabTokenType(keyPrefix) },
    ],
  };
}
