import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Problem, type ProblemCode, ProblemException, problemOf } from './problem.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Why the request was refused, for the log: a word of a closed list. */
    refusal?: string;
  }
}

/** What the framework answers by itself, in our words. */
const FRAMEWORK_ANSWERS: Readonly<Record<number, { code: ProblemCode; detail: string }>> = {
  400: {
    code: 'invalid_request',
    detail: 'The request cannot be read. Check its body, headers and address.',
  },
  404: { code: 'not_found', detail: 'There is no such route. Check the method and the path.' },
  405: { code: 'method_not_allowed', detail: 'This route does not know that method.' },
  413: { code: 'body_too_large', detail: 'The body is larger than this route accepts.' },
  414: { code: 'invalid_request', detail: 'The address is longer than this service accepts.' },
  415: { code: 'unsupported_media_type', detail: 'Send the body as application/json.' },
};

/** Turns every exception into `application/problem+json`. What nobody expected is logged with its cause, and only there. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger = new Logger(ProblemFilter.name);
  readonly #translate: (exception: unknown) => ProblemException | undefined;

  /** `translate` knows what a service's own dependencies throw when they are away. */
  constructor(translate: (exception: unknown) => ProblemException | undefined = () => undefined) {
    this.#translate = translate;
  }

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(exception, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** The same for what fails before Nest is reached, such as an address that cannot be decoded. */
  answer(exception: unknown, req: FastifyRequest, res: FastifyReply): void {
    const { problem, headers, reason } = this.#read(exception, req.id);
    req.refusal = reason;
    void res
      .code(problem.status)
      .headers({ ...headers, 'cache-control': 'no-store', 'content-type': 'application/problem+json' })
      .send({ ...problem, instance: pathOf(req), requestId: req.id });
  }

  #read(
    exception: unknown,
    requestId: string,
  ): { problem: Problem; headers: Readonly<Record<string, string>>; reason: string } {
    const meant = exception instanceof ProblemException ? exception : this.#translate(exception);
    if (meant !== undefined) {
      if (meant.problem.status >= 500)
        this.#logger.warn({ requestId, reason: meant.reason, err: meant.cause });
      return meant;
    }
    const status = statusOf(exception);
    const known = status === undefined ? undefined : FRAMEWORK_ANSWERS[status];
    if (known !== undefined)
      return { problem: problemOf(known.code, known.detail), headers: {}, reason: known.code };
    this.#logger.error({ requestId, err: exception });
    const detail = 'Try again. If it stays, tell us the request id.';
    return { problem: problemOf('internal_error', detail), headers: {}, reason: 'internal_error' };
  }
}

/** The path without its query, which may hold what must not be repeated. */
function pathOf(req: FastifyRequest): string {
  return req.url.split('?', 1)[0] ?? '/';
}

/** Nest's exceptions carry their status in a method, Fastify's in a property. */
function statusOf(exception: unknown): number | undefined {
  if (exception instanceof HttpException) return exception.getStatus();
  if (!(exception instanceof Error) || !('statusCode' in exception)) return undefined;
  return typeof exception.statusCode === 'number' ? exception.statusCode : undefined;
}
