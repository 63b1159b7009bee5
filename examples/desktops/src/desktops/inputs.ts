import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsString,
  Length,
  Max,
  Min,
} from 'class-validator';
import { Optional } from '../page.js';
import { HEIGHT, WIDTH } from './screen.js';

/*
 * What the gateway forwards, validated and with its defaults filled in (apps/gateway/src/desktops/requests.ts). The
 * bounds are its bounds, and only the screen is smaller here.
 */

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
    `${property} must be an integer from ${min} to ${max}.`;
  return (target, name) => {
    for (const decorate of [IsInt({ message }), Min(min, { message }), Max(max, { message })])
      decorate(target, name);
  };
}

function IsText(max: number): PropertyDecorator {
  const message = ({ property }: { property: string }): string =>
    `${property} must be 1 to ${max} characters.`;
  return (target, name) => {
    for (const decorate of [IsString({ message }), Length(1, max, { message })]) decorate(target, name);
  };
}

/** Texts of at most `max` characters, which may be empty: at least one, at most `most`. */
function IsTexts(most: number, max: number): PropertyDecorator {
  const message = ({ property }: { property: string }): string =>
    `${property} must be a list of 1 to ${most} texts, each of at most ${max} characters.`;
  return (target, name) => {
    for (const decorate of [
      IsArray({ message }),
      ArrayMinSize(1, { message }),
      ArrayMaxSize(most, { message }),
      IsString({ message, each: true }),
      Length(0, max, { message, each: true }),
    ])
      decorate(target, name);
  };
}

const BUTTONS = ['left', 'middle', 'right'] as const;

function IsButton(): PropertyDecorator {
  return IsIn(BUTTONS, { message: `Button must be one of ${BUTTONS.join(', ')}.` });
}

export class ClickBody {
  @IsAcross()
  x!: number;

  @IsDown()
  y!: number;

  @Optional()
  @IsButton()
  button: (typeof BUTTONS)[number] = 'left';

  /** 2 is a double click. */
  @Optional()
  @IsWhole(1, 3)
  clicks = 1;
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

  @Optional()
  @IsButton()
  button: (typeof BUTTONS)[number] = 'left';
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
  /** Characters or names, such as `ctrl` and `c`, which are pressed together. */
  @IsTexts(8, 32)
  keys!: string[];
}

/** What would run for so long at most, were anything run here. */
class Running {
  @Optional()
  @IsWhole(1, 600)
  timeoutSeconds = 60;
}

export class BashBody extends Running {
  @IsText(100_000)
  command!: string;
}

export class ExecBody extends Running {
  /** A program and its arguments. */
  @IsTexts(100, 10_000)
  argv!: string[];
}

export class PythonBody extends Running {
  @IsText(100_000)
  code!: string;
}

export class ChatBody {
  @IsText(32_000)
  message!: string;

  /** To go on with a conversation, as the answer before has called it. */
  @Optional()
  @IsText(64)
  conversationId?: string;

  @Optional()
  @IsBoolean({ message: 'stream must be true or false.' })
  stream = false;
}
