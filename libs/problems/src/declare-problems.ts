import { COMMON_CODES, type CommonCode } from './common-codes.js';
import { ProblemException } from './problem.js';

/** The errors of an app or a library, besides {@link COMMON_CODES}. */
export interface ProblemDeclaration<Code extends string, Reason extends string> {
  /** Codes that programs may rely on, each with its status and title. */
  readonly codes: Readonly<Record<Code, { readonly status: number; readonly title: string }>>;
  /** Reasons for logs and metrics, if the code is not specific enough; each with its meaning, for operators. */
  readonly reasons: Readonly<Record<Reason, string>>;
}

/** Options of a problem besides its code and sentence. */
export interface ProblemOptions<Reason extends string> {
  /** Further members of the body. Public. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** Headers of the response, such as `WWW-Authenticate` and `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The reason for logs and metrics. Default: the code. */
  readonly reason?: Reason | undefined;
  /** Instead of `reason`: what another program calls it. Metrics count it as `other` unless it is declared here, too. */
  readonly foreignReason?: string | undefined;
  readonly cause?: unknown;
}

/** The problems of an app or a library, and what it has declared, for the documentation. */
export interface ProblemClass<Code extends string, Reason extends string> extends ProblemDeclaration<
  Code,
  Reason
> {
  /** `detail` is public: one sentence that says what to do. */
  new (code: Code | CommonCode, detail: string, options?: ProblemOptions<Reason>): ProblemException;
}

/**
 * The class of the problems that an app or a library may respond with: `class ExampleProblem extends declareProblems(…) {}`.
 * Another code or reason does not compile. So each is explained where it is given, and the labels of metrics stay few.
 */
export function declareProblems<Code extends string, Reason extends string>({
  codes,
  reasons,
}: ProblemDeclaration<Code, Reason>): ProblemClass<Code, Reason> {
  const kinds = { ...COMMON_CODES, ...codes };
  const isDeclared = (reason: string): boolean =>
    Object.hasOwn(reasons, reason) || Object.hasOwn(kinds, reason);

  return class extends ProblemException {
    static readonly codes = codes;
    static readonly reasons = reasons;

    constructor(
      code: Code | CommonCode,
      detail: string,
      { extensions, headers = {}, reason, foreignReason, cause }: ProblemOptions<Reason> = {},
    ) {
      const logged = foreignReason ?? reason ?? code;
      const countedReason = isDeclared(logged) ? logged : 'other';
      const { status, title } = kinds[code];
      const type = `urn:le-bureau:problem:${code}`;
      super(
        { type, title, status, detail, code, error: { message: detail, code, type }, ...extensions },
        { headers, reason: logged, countedReason, cause },
      );
    }
  };
}
