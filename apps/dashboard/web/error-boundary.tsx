import { Button, Center, Stack, Title } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { words } from './messages.js';

interface BrokenProps {
  readonly children: ReactNode;
}

/** Stands where the page would be blank, had a component thrown. A class, since React asks for one here. */
export class Broken extends Component<BrokenProps, { readonly isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError(): { readonly isBroken: boolean } {
    return { isBroken: true };
  }

  override render(): ReactNode {
    if (!this.state.isBroken) return this.props.children;
    return (
      <Center component="main" mih="100dvh" role="alert">
        <Stack align="center">
          <Title order={1} size="h3">
            {words.failure.broken}
          </Title>
          <Button onClick={() => window.location.reload()}>{words.failure.reload}</Button>
        </Stack>
      </Center>
    );
  }
}
