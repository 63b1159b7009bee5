import { Email, NormalizedLine, Optional, Pattern } from '#libs/fields';

export class SignInBody {
  @Email()
  email!: string;

  /** Of any length that there may have been. */
  @Pattern('Password must be 1 to 128 characters.', /^.{1,128}$/su)
  password!: string;
}

export class SignUpBody {
  @NormalizedLine('Name', { max: 100 })
  name!: string;

  @Email()
  email!: string;

  @Pattern('Password must be 8 to 128 characters.', /^.{8,128}$/su)
  password!: string;
}

export class ProviderBody {
  @Pattern('Provider must be one of those listed by GET /api/session.', /^[a-z]{1,20}$/)
  provider!: string;

  @Optional()
  @PagePath()
  callbackURL?: string;

  @Optional()
  @PagePath()
  errorCallbackURL?: string;
}

/** A path of the page, to return to from a provider. */
function PagePath(): PropertyDecorator {
  return Pattern(
    'Callback URLs must be paths of this site, such as /settings.',
    /^\/(?![/\\])[\x21-\x7e]{0,500}$/,
  );
}
