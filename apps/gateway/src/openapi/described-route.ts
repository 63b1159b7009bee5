import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiResponse, type ApiResponseOptions } from '@nestjs/swagger';

/**
 * What a route does, and its successful response, in the OpenAPI document: a class or the types of content, with status
 * 200 by default.
 */
export function ApiRoute(summary: string, answer: Partial<ApiResponseOptions>): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary }),
    ApiResponse({ status: 200, description: summary, ...answer }),
  );
}
