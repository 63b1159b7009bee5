import { ApiProperty } from '@nestjs/swagger';

/** What mouse and keyboard answer: that the desktop has been told. */
export class Acknowledged {
  @ApiProperty({ type: 'boolean', enum: [true] })
  done!: true;
}

/** What a command or a program has said, and how it has ended. */
export class CommandResult {
  @ApiProperty()
  stdout!: string;

  @ApiProperty()
  stderr!: string;

  @ApiProperty({ type: 'integer', description: '0 when it ended well.' })
  exitCode!: number;
}
