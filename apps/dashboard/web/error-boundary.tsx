import { Button, Center, Stack, Title } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { messages } from './messages.js';

interface ErrorBoundaryProps {
  readonly children: ReactNode;
}

/** Shown instead of a blank page when a component throws. React requires a class here. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { readonly isBroken: boolean }> {
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
            {messages.errors.pageBroken}
          </Title>
          <Button onClick={() => window.location.reload()}>{messages.errors.reload}</Button>
        </Stack>
      </Center>
    );
  }
}
