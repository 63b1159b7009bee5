import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CommonProblem, ProblemException, answerProblem } from '#libs/problems';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the request was refused with, for logs and metrics. */
    refusal?: ProblemException;
  }
}

/** Errors of the framework itself, as problems. */
const FRAMEWORK_ANSWERS: Readonly<Record<number, ProblemException>> = {
  400: new CommonProblem('invalid_request', 'The request cannot be read. Check its body, headers and URL.'),
  404: new CommonProblem('not_found', 'No such route. Check the method and the path.'),
  405: new CommonProblem('method_not_allowed', 'This route does not support that method.'),
  413: new CommonProblem('body_too_large', 'The body is larger than this route accepts.'),
  414: new CommonProblem('invalid_request', 'The URL is longer than this service accepts.'),
  415: new CommonProblem('unsupported_media_type', 'Send the body as application/json.'),
};

const UNEXPECTED = new CommonProblem(
  'internal_error',
  'Try again. If it keeps failing, report the request ID.',
);

/** Turns every exception into `application/problem+json`. The cause of an unexpected one is only logged. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger = new Logger(ProblemFilter.name);
  readonly #translate: (exception: unknown) => ProblemException | undefined;

  /** `translate` recognizes the errors of a service's dependencies when they are unavailable. */
  constructor(translate: (exception: unknown) => ProblemException | undefined = () => undefined) {
    this.#translate = translate;
  }

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(exception, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** The same for what fails before Nest is reached, such as a URL that cannot be decoded. */
  answer(exception: unknown, req: FastifyRequest, res: FastifyReply): void {
    answerProblem(this.#read(exception, req.id), req, res, this.#logger);
  }

  #read(exception: unknown, requestId: string): ProblemException {
    const meant = problemIn(exception) ?? this.#translate(exception);
    if (meant !== undefined) return meant;
    const status = statusOf(exception);
    const known = status === undefined ? undefined : FRAMEWORK_ANSWERS[status];
    if (known !== undefined) return known;
    this.#logger.error({ requestId, err: exception });
    return UNEXPECTED;
  }
}

/** A library that other applications use, too, wraps its problem in an exception of Nest, for their filters. */
function problemIn(exception: unknown): ProblemException | undefined {
  if (exception instanceof ProblemException) return exception;
  const cause = exception instanceof HttpException ? exception.cause : undefined;
  return cause instanceof ProblemException ? cause : undefined;
}

/** Nest's exceptions carry their status in a method, Fastify's in a property. */
function statusOf(exception: unknown): number | undefined {
  if (exception instanceof HttpException) return exception.getStatus();
  if (!(exception instanceof Error) || !('statusCode' in exception)) return undefined;
  return typeof exception.statusCode === 'number' ? exception.statusCode : undefined;
}
