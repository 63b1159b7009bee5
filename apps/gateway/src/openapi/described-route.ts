import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiResponse, type ApiResponseOptions } from '@nestjs/swagger';

/** What a route answers when all goes well: as the service behind it has it, unless it says more. */
const AN_OBJECT: ApiResponseOptions = {
  description: 'As the service behind the route answers.',
  content: { 'application/json': { schema: { type: 'object' } } },
};

/** What a route does, and what it answers when all goes well, in the OpenAPI document. */
export function Does(summary: string, answer: Partial<ApiResponseOptions> = {}): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary }),
    ApiResponse({
      status: 200,
      ...('type' in answer || 'content' in answer ? { description: summary } : AN_OBJECT),
      ...answer,
    }),
  );
}
