import { Bool, Describe, Id, Integer, OneOf, Optional, Text, TextList } from '#libs/fields';

export class DesktopParams {
  @Id('Desktop ID')
  id!: string;
}

/** A place on the screen, in pixels from its top left corner. */
function Coordinate(what: string): PropertyDecorator {
  return Integer(what, { min: 0, max: 16_383 });
}

const BUTTONS = ['left', 'middle', 'right'] as const;
type Button = (typeof BUTTONS)[number];

export class ClickBody {
  @Coordinate('x')
  x!: number;

  @Coordinate('y')
  y!: number;

  @Optional()
  @OneOf('Button', BUTTONS)
  button: Button = 'left';

  @Describe('2 is a double click.')
  @Optional()
  @Integer('Number of clicks', { min: 1, max: 3 })
  clicks = 1;
}

export class DragBody {
  @Coordinate('fromX')
  fromX!: number;

  @Coordinate('fromY')
  fromY!: number;

  @Coordinate('toX')
  toX!: number;

  @Coordinate('toY')
  toY!: number;

  @Optional()
  @OneOf('Button', BUTTONS)
  button: Button = 'left';
}

export class ScrollBody {
  @Coordinate('x')
  x!: number;

  @Coordinate('y')
  y!: number;

  @Describe('In pixels, to the right.')
  @Optional()
  @Integer('deltaX', { min: -10_000, max: 10_000 })
  deltaX = 0;

  @Describe('In pixels, down.')
  @Optional()
  @Integer('deltaY', { min: -10_000, max: 10_000 })
  deltaY = 0;
}

export class TypeBody {
  @Text('Text', { max: 10_000 })
  text!: string;
}

/** A visible ASCII character, or a key's name: `ctrl`, `F5`, `Page_Down`. */
const KEY_NAME = /^(?:[\x21-\x7e]|[A-Za-z][A-Za-z0-9_]{1,31})$/;

export class KeyBody {
  @Describe('Pressed together, released in the reverse order.')
  @TextList('Keys must be 1 to 8 characters or names such as ctrl, F5 and Page_Down.', {
    max: 8,
    each: KEY_NAME,
  })
  keys!: string[];
}

/** How long a command may run, in seconds. The gateway waits as long for its response. */
class CommandBody {
  @Optional()
  @Integer('Timeout in seconds', { min: 1, max: 600 })
  timeoutSeconds = 60;
}

export class BashBody extends CommandBody {
  @Text('Command', { max: 100_000 })
  command!: string;
}

/** An argument of a program: anything but NUL, which terminates one. */
const ARGUMENT = /^[^\0]{0,10000}$/u;

export class ExecBody extends CommandBody {
  @Describe('A program and its arguments, run without a shell.')
  @TextList(
    'Send a program and its arguments as a list of 1 to 100 texts, each of at most 10000 characters.',
    { max: 100, each: ARGUMENT },
  )
  argv!: string[];
}

export class PythonBody extends CommandBody {
  @Text('Code', { max: 100_000 })
  code!: string;
}

export class ChatBody {
  @Text('Message', { max: 32_000 })
  message!: string;

  @Describe('The conversation to continue. Default: a new one.')
  @Optional()
  @Id('Conversation ID')
  conversationId?: string;

  @Describe('Whether to respond with server-sent events while the agent works, instead of once at the end.')
  @Optional()
  @Bool('stream')
  stream = false;
}
