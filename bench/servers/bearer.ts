import { type CanActivate, type ExecutionContext, UnauthorizedException } from '@nestjs/common';

interface Bearing {
  readonly headers: { readonly authorization?: string };
}

/** A guard as most applications write it: takes the bearer token, and accepts it if it has an owner. */
export class BearerGuard implements CanActivate {
  constructor(private readonly ownerOf: (token: string) => Promise<string | undefined>) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const req = context.switchToHttp().getRequest<Bearing & { user?: string }>();
    const token = /^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1];
    const owner = token === undefined ? undefined : await this.ownerOf(token);
    if (owner === undefined) throw new UnauthorizedException();
    req.user = owner;
    return true;
  }
}
