import { describe, expect, it } from '@jest/globals';
import { Type } from 'class-transformer';
import { IsInt, ValidateNested } from 'class-validator';
import { ProblemException } from '#libs/problems';
import { validated } from './validated.js';

class Point {
  @IsInt({ message: 'x must be an integer.' })
  x!: number;
}

class Shape {
  @ValidateNested({ each: true })
  @Type(() => Point)
  points!: Point[];
}

/** The problem of a body. */
async function wrongWith(json: string): Promise<unknown> {
  try {
    return await validated().transform(JSON.parse(json), { type: 'body', metatype: Shape });
  } catch (err) {
    if (!(err instanceof ProblemException)) throw err;
    return err.problem.errors;
  }
}

describe('a body', () => {
  it('becomes its class', async () => {
    expect(await wrongWith('{"points":[{"x":1}]}')).toEqual({ points: [{ x: 1 }] });
  });

  it.each([
    ['{"points":[{"x":"1"}]}', '/points/0/x', 'x must be an integer.'],
    ['{"points":[],"y":1}', '/y', 'Unknown field "y".'],
    ['{"points":[],"constructor":1}', '/constructor', 'Unknown field "constructor".'],
    ['{"points":[{"x":1,"valueOf":1}]}', '/points/0/valueOf', 'Unknown field "valueOf".'],
    ['{"points":{"hasOwnProperty":[]}}', '/points/hasOwnProperty', 'Unknown field "hasOwnProperty".'],
  ])('is refused for unknown and invalid fields: %s', async (json, pointer, detail) => {
    expect(await wrongWith(json)).toEqual([{ pointer, detail }]);
  });

  it('gets at most twenty errors', async () => {
    const fields = Array.from({ length: 1000 }, (_, i) => `"f${i}":1`).join(',');
    expect(await wrongWith(`{"points":[],${fields}}`)).toHaveLength(20);
  });
});
