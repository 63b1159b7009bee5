import { Alert, Anchor, Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { type SubmitEvent, useRef, useState } from 'react';
import { ApiError } from '../api/call.js';
import { signIn, signUp } from '../api/sign-in.js';
import { describeError } from '../failure.js';
import { useAction } from '../use-action.js';
import { words } from '../messages.js';

/** better-auth's default. */
const SHORTEST_PASSWORD = 8;

interface PasswordFormProps {
  readonly isNew: boolean;
  readonly onSwitch: () => void;
  readonly onSignedIn: () => Promise<void>;
}

/** Email and password: to sign in, or to make an account. */
export function PasswordForm({ isNew, onSwitch, onSignedIn }: PasswordFormProps) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [wasSubmitted, setWasSubmitted] = useState(false);
  const emailField = useRef<HTMLInputElement>(null);
  const passwordField = useRef<HTMLInputElement>(null);
  const { state, run, reset } = useAction(async () => {
    await (isNew ? signUp(email.trim(), password) : signIn(email.trim(), password));
    await onSignedIn();
  });

  const wrong = { email: wrongEmail(email), password: wrongPassword(password, isNew) };
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    setWasSubmitted(true);
    if (wrong.email !== undefined) return emailField.current?.focus();
    if (wrong.password !== undefined) return passwordField.current?.focus();
    run();
  };

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <TextInput
          ref={emailField}
          label={words.signIn.email}
          type="email"
          name="email"
          autoComplete="username"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          error={wasSubmitted && wrong.email}
        />
        <PasswordInput
          ref={passwordField}
          label={isNew ? words.signIn.newPassword : words.signIn.password}
          name="password"
          autoComplete={isNew ? 'new-password' : 'current-password'}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={wasSubmitted && wrong.password}
        />
        {state.phase === 'failed' && (
          <Alert color="red" role="alert">
            {sayRefusal(state.err, isNew)}
          </Alert>
        )}
        <Button type="submit" loading={state.phase === 'running'} fullWidth mt={4}>
          {isNew ? words.signIn.create : words.signIn.submit}
        </Button>
        <Anchor
          component="button"
          type="button"
          size="sm"
          onClick={() => {
            reset();
            setWasSubmitted(false);
            onSwitch();
          }}
        >
          {isNew ? words.signIn.toSignIn : words.signIn.toCreate}
        </Anchor>
      </Stack>
    </form>
  );
}

function wrongEmail(email: string): string | undefined {
  return /^[^\s@]+@\S+$/.test(email.trim()) ? undefined : words.signIn.emailMissing;
}

function wrongPassword(password: string, isNew: boolean): string | undefined {
  if (password === '') return words.signIn.passwordMissing;
  return isNew && password.length < SHORTEST_PASSWORD ? words.signIn.passwordShort : undefined;
}

function sayRefusal(err: unknown, isNew: boolean): string {
  const isWrong = err instanceof ApiError && err.code === 'sign_in_refused';
  return isNew && isWrong ? words.signIn.notSignedInAfterwards : describeError(err).text;
}
