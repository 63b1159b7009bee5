import { IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';

const EMAIL = {
  shape: /^[^\s@\p{C}]{1,64}@[^\s@\p{C}]{1,189}$/u,
  message: 'Email must look like ada@example.com.',
};
const NAME = { message: 'Name must be 1 to 100 characters on one line.' };
const PASSWORD = { message: 'Password must be 8 to 128 characters.' };

/** A path of the page, to return to from a provider. */
const PATH = /^\/(?![/\\])[\x21-\x7e]{0,500}$/;
const PATH_MESSAGE = { message: 'Callback URLs must be paths of this site, such as /settings.' };

export class SignInBody {
  @Matches(EMAIL.shape, { message: EMAIL.message })
  email!: string;

  @Length(1, 128, PASSWORD)
  password!: string;
}

export class SignUpBody {
  @MaxLength(100, NAME)
  @Matches(/^\p{Zs}*[^\s\p{C}][^\p{C}]*$/u, NAME)
  name!: string;

  @Matches(EMAIL.shape, { message: EMAIL.message })
  email!: string;

  @Length(8, 128, PASSWORD)
  password!: string;
}

export class ProviderBody {
  @IsString({ message: 'Provider must be one of those listed by GET /api/session.' })
  @MaxLength(20, { message: 'Provider must be one of those listed by GET /api/session.' })
  provider!: string;

  @IsOptional()
  @Matches(PATH, PATH_MESSAGE)
  callbackURL?: string;

  @IsOptional()
  @Matches(PATH, PATH_MESSAGE)
  errorCallbackURL?: string;
}
