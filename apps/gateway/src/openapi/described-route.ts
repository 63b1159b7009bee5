import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiResponse, type ApiResponseOptions } from '@nestjs/swagger';

/**
 * What a route does, and what it answers when all goes well, in the OpenAPI document: a class or the types of content,
 * with 200 unless it says otherwise.
 */
export function ApiRoute(summary: string, answer: Partial<ApiResponseOptions>): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary }),
    ApiResponse({ status: 200, description: summary, ...answer }),
  );
}
