import { Controller, Get } from '@nestjs/common';
import { Catalogue } from '#libs/catalogue';
import type { CatalogueView } from '#libs/keys-contract';

/** What keys can be issued with. */
@Controller('catalogue')
export class CatalogueController {
  constructor(private readonly catalogue: Catalogue) {}

  @Get()
  get(): CatalogueView {
    const { title, groups, capabilities, presets } = this.catalogue;
    return {
      title,
      groups: groups.map(({ name, title }) => ({ name, title })),
      capabilities,
      presets,
    };
  }
}
