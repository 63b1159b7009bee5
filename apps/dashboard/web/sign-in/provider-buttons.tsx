import { Alert, Button } from '@mantine/core';
import type { SignInProvider } from '../../src/contract.js';
import { providerUrl } from '../api/sign-in.js';
import { describeError } from '../error-alert.js';
import { GitHubIcon, GoogleIcon, KeyIcon } from '../icons.js';
import { API_KEYS, SIGN_IN_AGAIN } from '../route.js';
import { useAction } from '../use-action.js';
import { signInMessages } from './messages.js';

interface ProviderButtonsProps {
  readonly providers: readonly SignInProvider[];
  readonly closesAfterwards: boolean;
}

/** A button for each provider. It leads to the provider, which sends the browser back signed in. */
export function ProviderButtons({ providers, closesAfterwards }: ProviderButtonsProps) {
  const { state, run } = useAction(async (provider: SignInProvider) => {
    const url = await providerUrl(provider, closesAfterwards ? SIGN_IN_AGAIN : API_KEYS);
    window.location.assign(url);
  });
  return (
    <>
      {providers.map((provider) => (
        <Button
          key={provider.id}
          variant="default"
          fullWidth
          disabled={state.phase === 'running'}
          leftSection={iconOf(provider.id)}
          onClick={() => run(provider)}
        >
          {signInMessages.with(provider.name)}
        </Button>
      ))}
      {state.phase === 'failed' && <Alert color="red">{describeError(state.err).text}</Alert>}
    </>
  );
}

function iconOf(id: string) {
  if (id === 'github') return <GitHubIcon />;
  return id === 'google' ? <GoogleIcon /> : <KeyIcon />;
}
