import { type INestApplication, Injectable } from '@nestjs/common';
import { describeApi } from './describe-api.js';

/** The OpenAPI document of the running application, as text. */
@Injectable()
export class ApiDocument {
  #text: string | undefined;

  /** Before the application listens: its routes must be known by then. */
  describe(app: INestApplication): void {
    this.#text = JSON.stringify(describeApi(app));
  }

  get text(): string {
    if (this.#text === undefined) throw new TypeError('the application has not been described');
    return this.#text;
  }
}
