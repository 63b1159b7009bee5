import { Alert, Anchor, Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { type SubmitEvent, useRef, useState } from 'react';
import { ApiError } from '../api/call.js';
import { signIn, signUp } from '../api/sign-in.js';
import { describeError } from '../error-alert.js';
import { useAction } from '../use-action.js';
import { signInMessages } from './messages.js';

/** As better-auth requires. */
const MIN_PASSWORD_LENGTH = 8;

interface PasswordFormProps {
  readonly isNew: boolean;
  readonly onSwitch: () => void;
  readonly onSignedIn: () => Promise<void>;
}

/** Signs in or, if `isNew`, creates an account. */
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

  const problems = { email: emailProblem(email), password: passwordProblem(password, isNew) };
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    setWasSubmitted(true);
    if (problems.email !== undefined) return emailField.current?.focus();
    if (problems.password !== undefined) return passwordField.current?.focus();
    run();
  };

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <TextInput
          ref={emailField}
          label={signInMessages.email}
          type="email"
          name="email"
          autoComplete="username"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          error={wasSubmitted && problems.email}
        />
        <PasswordInput
          ref={passwordField}
          label={isNew ? signInMessages.newPassword : signInMessages.password}
          name="password"
          autoComplete={isNew ? 'new-password' : 'current-password'}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={wasSubmitted && problems.password}
        />
        {state.phase === 'failed' && (
          <Alert color="red" role="alert">
            {describeSignInError(state.err, isNew)}
          </Alert>
        )}
        <Button type="submit" loading={state.phase === 'running'} fullWidth mt={4}>
          {isNew ? signInMessages.create : signInMessages.submit}
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
          {isNew ? signInMessages.toSignIn : signInMessages.toCreate}
        </Anchor>
      </Stack>
    </form>
  );
}

function emailProblem(email: string): string | undefined {
  return /^[^\s@]+@\S+$/.test(email.trim()) ? undefined : signInMessages.emailMissing;
}

function passwordProblem(password: string, isNew: boolean): string | undefined {
  if (password === '') return signInMessages.passwordMissing;
  return isNew && password.length < MIN_PASSWORD_LENGTH ? signInMessages.passwordShort : undefined;
}

function describeSignInError(err: unknown, isNew: boolean): string {
  const isWrong = err instanceof ApiError && err.code === 'sign_in_refused';
  return isNew && isWrong ? signInMessages.notSignedInAfterwards : describeError(err).text;
}
