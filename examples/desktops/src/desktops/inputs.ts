import { IsBoolean, IsIn, IsInt, IsString, Length, Max, Min } from 'class-validator';
import { Optional } from '../page.js';
import { HEIGHT, WIDTH } from './screen.js';

/** A place on the screen, in pixels from its upper left corner. */
function IsAcross(): PropertyDecorator {
  return IsPixel(WIDTH);
}
function IsDown(): PropertyDecorator {
  return IsPixel(HEIGHT);
}

function IsPixel(size: number): PropertyDecorator {
  return IsWhole(0, size - 1);
}

function IsWhole(min: number, max: number): PropertyDecorator {
  const message = ({ property }: { property: string }): string =>
    `${property} is a whole number from ${min} to ${max}.`;
  return (target, name) => {
    for (const decorate of [IsInt({ message }), Min(min, { message }), Max(max, { message })])
      decorate(target, name);
  };
}

function IsText(max: number): PropertyDecorator {
  const message = ({ property }: { property: string }): string =>
    `${property} is a text of 1 to ${max} characters.`;
  return (target, name) => {
    for (const decorate of [IsString({ message }), Length(1, max, { message })]) decorate(target, name);
  };
}

const BUTTONS = ['left', 'middle', 'right'] as const;

export class ClickBody {
  @IsAcross()
  x!: number;

  @IsDown()
  y!: number;

  @Optional()
  @IsIn(BUTTONS, { message: `The button is one of ${BUTTONS.join(', ')}.` })
  button: (typeof BUTTONS)[number] = 'left';

  @Optional()
  @IsBoolean({ message: 'double is true or false.' })
  double = false;
}

export class DragBody {
  @IsAcross()
  fromX!: number;

  @IsDown()
  fromY!: number;

  @IsAcross()
  toX!: number;

  @IsDown()
  toY!: number;
}

export class ScrollBody {
  @IsAcross()
  x!: number;

  @IsDown()
  y!: number;

  /** In pixels: to the right, and down. */
  @Optional()
  @IsWhole(-10_000, 10_000)
  deltaX = 0;

  @Optional()
  @IsWhole(-10_000, 10_000)
  deltaY = 0;
}

export class TypeBody {
  @IsText(10_000)
  text!: string;
}

export class KeyBody {
  /** Such as `Enter` or `ctrl+c`. */
  @IsText(100)
  key!: string;
}

export class CommandBody {
  @IsText(10_000)
  command!: string;
}

export class PythonBody {
  @IsText(100_000)
  code!: string;
}

export class ChatBody {
  @IsText(10_000)
  message!: string;
}
