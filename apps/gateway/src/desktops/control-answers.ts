import { ApiProperty } from '@nestjs/swagger';

/** The response to mouse and keyboard actions. */
export class Acknowledged {
  @ApiProperty({ type: 'boolean', enum: [true] })
  done!: true;
}

/** The output of a command or program, and its exit code. */
export class CommandResult {
  @ApiProperty()
  stdout!: string;

  @ApiProperty()
  stderr!: string;

  @ApiProperty({ type: 'integer', description: '0 if it succeeded.' })
  exitCode!: number;
}
