import { Body, Controller, Get, Header, HttpCode, Param, Post, StreamableFile } from '@nestjs/common';
import { Identity, type SignedIdentity } from '#libs/signed-identity/nest';
import { Clock } from '../clock.js';
import { Worlds } from '../worlds.js';
import type { Desktop } from './desktop.js';
import {
  BashBody,
  ClickBody,
  DragBody,
  ExecBody,
  KeyBody,
  PythonBody,
  ScrollBody,
  TypeBody,
} from './requests.js';
import { encodePng } from './png.js';
import { readyDesktop } from './ready-desktop.js';

interface Done {
  readonly done: true;
}

/** The output of a command or program. */
interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** Mouse, keyboard, shell and screen. Clicks show on the screen; commands and programs are never run. */
@Controller('v1/desktops/:id')
export class ControlController {
  constructor(
    private readonly worlds: Worlds,
    private readonly clock: Clock,
  ) {}

  @Post('click')
  @HttpCode(200)
  click(@Identity() who: SignedIdentity, @Param('id') id: string, @Body() { x, y }: ClickBody): Done {
    this.#desktop(who, id).screen.click({ x, y });
    return { done: true };
  }

  @Post('drag')
  @HttpCode(200)
  drag(@Identity() who: SignedIdentity, @Param('id') id: string, @Body() { toX, toY }: DragBody): Done {
    this.#desktop(who, id).screen.point({ x: toX, y: toY });
    return { done: true };
  }

  @Post('scroll')
  @HttpCode(200)
  scroll(@Identity() who: SignedIdentity, @Param('id') id: string, @Body() { x, y }: ScrollBody): Done {
    this.#desktop(who, id).screen.point({ x, y });
    return { done: true };
  }

  @Post('type')
  @HttpCode(200)
  type(@Identity() who: SignedIdentity, @Param('id') id: string, @Body() { text }: TypeBody): Done {
    this.#desktop(who, id).screen.write(text.length);
    return { done: true };
  }

  @Post('key')
  @HttpCode(200)
  key(@Identity() who: SignedIdentity, @Param('id') id: string, @Body() { keys }: KeyBody): Done {
    this.#desktop(who, id).screen.write(isLetter(keys) ? 1 : 0);
    return { done: true };
  }

  @Post('bash')
  @HttpCode(200)
  bash(
    @Identity() who: SignedIdentity,
    @Param('id') id: string,
    @Body() { command }: BashBody,
  ): CommandResult {
    return pretendToRun(this.#desktop(who, id), command);
  }

  @Post('exec')
  @HttpCode(200)
  exec(@Identity() who: SignedIdentity, @Param('id') id: string, @Body() { argv }: ExecBody): CommandResult {
    return pretendToRun(this.#desktop(who, id), argv.join(' '));
  }

  @Post('python')
  @HttpCode(200)
  python(
    @Identity() who: SignedIdentity,
    @Param('id') id: string,
    @Body() { code }: PythonBody,
  ): CommandResult {
    return pretendToRun(this.#desktop(who, id), code);
  }

  @Get('screenshot')
  @Header('cache-control', 'no-store')
  async screenshot(@Identity() who: SignedIdentity, @Param('id') id: string): Promise<StreamableFile> {
    const png = await encodePng(this.#desktop(who, id).screen.picture());
    return new StreamableFile(png, { type: 'image/png', length: png.length });
  }

  #desktop(who: SignedIdentity, id: string): Desktop {
    return readyDesktop(this.worlds.of(who), id, this.clock.now());
  }
}

/** A letter alone is typed; together with others, or by its name, a key is a command. */
function isLetter(keys: readonly string[]): boolean {
  return keys.length === 1 && keys[0]?.length === 1;
}

function pretendToRun({ name }: Desktop, text: string): CommandResult {
  return { stdout: `The example runs nothing. ${name} was given: ${text}\n`, stderr: '', exitCode: 0 };
}
