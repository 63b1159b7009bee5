import { Bool, Id, Integer, OneOf, Optional, Text, TextList } from '#libs/fields';
import { HEIGHT, WIDTH } from './screen.js';

/*
 * What the gateway forwards, validated and with its defaults filled in (apps/gateway/src/desktops/requests.ts). The
 * bounds are its bounds, and only the screen is smaller here.
 */

/** A place on the screen, in pixels from its upper left corner. */
function Across(what: string): PropertyDecorator {
  return Integer(what, { min: 0, max: WIDTH - 1 });
}
function Down(what: string): PropertyDecorator {
  return Integer(what, { min: 0, max: HEIGHT - 1 });
}

const BUTTONS = ['left', 'middle', 'right'] as const;

export class ClickBody {
  @Across('x')
  x!: number;

  @Down('y')
  y!: number;

  @Optional()
  @OneOf('Button', BUTTONS)
  button: (typeof BUTTONS)[number] = 'left';

  /** 2 is a double click. */
  @Optional()
  @Integer('Number of clicks', { min: 1, max: 3 })
  clicks = 1;
}

export class DragBody {
  @Across('fromX')
  fromX!: number;

  @Down('fromY')
  fromY!: number;

  @Across('toX')
  toX!: number;

  @Down('toY')
  toY!: number;

  @Optional()
  @OneOf('Button', BUTTONS)
  button: (typeof BUTTONS)[number] = 'left';
}

export class ScrollBody {
  @Across('x')
  x!: number;

  @Down('y')
  y!: number;

  /** In pixels: to the right, and down. */
  @Optional()
  @Integer('deltaX', { min: -10_000, max: 10_000 })
  deltaX = 0;

  @Optional()
  @Integer('deltaY', { min: -10_000, max: 10_000 })
  deltaY = 0;
}

export class TypeBody {
  @Text('Text', { max: 10_000 })
  text!: string;
}

export class KeyBody {
  /** Characters or names, such as `ctrl` and `c`, which are pressed together. */
  @TextList('Keys must be a list of 1 to 8 characters or names.', { max: 8, each: /^.{1,32}$/u })
  keys!: string[];
}

/** What would run for so long at most, were anything run here. */
class Running {
  @Optional()
  @Integer('Timeout in seconds', { min: 1, max: 600 })
  timeoutSeconds = 60;
}

export class BashBody extends Running {
  @Text('Command', { max: 100_000 })
  command!: string;
}

export class ExecBody extends Running {
  /** A program and its arguments. */
  @TextList('argv must be a list of 1 to 100 texts, each of at most 10000 characters.', {
    max: 100,
    each: /^[^\0]{0,10000}$/u,
  })
  argv!: string[];
}

export class PythonBody extends Running {
  @Text('Code', { max: 100_000 })
  code!: string;
}

export class ChatBody {
  @Text('Message', { max: 32_000 })
  message!: string;

  /** To go on with a conversation, as the answer before has called it. */
  @Optional()
  @Id('Conversation ID')
  conversationId?: string;

  @Optional()
  @Bool('stream')
  stream = false;
}
