import { BadRequestException, Body, Controller, Get, Post } from '@nestjs/common';
import { Caller, Capabilities, type Principal } from '#libs/key-guard';

interface Invoice {
  readonly number: number;
  readonly customer: string;
  readonly createdBy: string;
}

@Controller('invoices')
export class InvoicesController {
  readonly #invoices: Invoice[] = [{ number: 1, customer: 'Analytical Engines', createdBy: 'nobody' }];

  @Get()
  @Capabilities('invoices:read')
  list(): { invoices: readonly Invoice[] } {
    return { invoices: this.#invoices };
  }

  @Post()
  @Capabilities('invoices:write')
  create(@Body('customer') customer: unknown, @Caller() { owner }: Principal): Invoice {
    if (typeof customer !== 'string') throw new BadRequestException('customer must be a string.');
    const invoice = { number: this.#invoices.length + 1, customer, createdBy: owner.email };
    this.#invoices.push(invoice);
    return invoice;
  }
}
