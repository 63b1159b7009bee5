import { type INestApplication, Injectable } from '@nestjs/common';
import { describeApi } from './describe-api.js';

/** The OpenAPI document of the running application, as text. */
@Injectable()
export class ApiDocument {
  #text: string | undefined;

  /** Call it before the application listens, since its routes must be known by then. */
  describe(app: INestApplication): void {
    this.#text = JSON.stringify(describeApi(app));
  }

  get text(): string {
    if (this.#text === undefined) throw new TypeError('describe() was not called');
    return this.#text;
  }
}
