import { Anchor, Group, Stack, Text } from '@mantine/core';
import type { Key } from '../../src/contract.js';
import { CAPABILITIES, isCapability } from '#libs/capabilities';
import { CopySign } from '../copy-button.js';
import { Ago } from '../time/ago.js';
import { useNow } from '../time/now.js';
import { words } from '../messages.js';
import type { KeyAction } from './key-actions.js';

const WARN_WITHIN_MS = 7 * 86_400_000;

interface KeyProps {
  readonly target: Key;
}

interface KeyNameProps extends KeyProps {
  readonly replacement: Key | undefined;
  readonly onAction: (action: KeyAction, key: Key) => void;
}

/** A key's name, the part of it that may be shown, and what replaces it. */
export function KeyName({ target, replacement, onAction }: KeyNameProps) {
  return (
    <Stack gap={2} miw={0}>
      <Text fw={600} size="sm" style={{ overflowWrap: 'anywhere' }}>
        {target.name}
      </Text>
      <Group gap={4} wrap="nowrap">
        <Text component="code" className="key-text public-part" fz={12} c="dimmed">
          {target.publicPart}…{target.last4}
        </Text>
        <CopySign text={target.publicPart} label={words.keys.copyPublic(target.name)} />
      </Group>
      {target.state === 'active' && replacement && (
        <Text size="xs" className="warning-text">
          {words.keys.replacedBy(replacement.last4)}{' '}
          <Anchor component="button" size="xs" onClick={() => onAction('rotate', target)}>
            {words.keys.goOn}
          </Anchor>
        </Text>
      )}
    </Stack>
  );
}

export function Capabilities({ target }: KeyProps) {
  return (
    <Group gap={4} component="span">
      {CAPABILITIES.filter(({ name }) => target.capabilities.includes(name)).map(({ name, broad }) => (
        <span key={name} className="capability" {...(broad && { 'data-broad': true })}>
          {name}
        </span>
      ))}
      {target.capabilities
        .filter((name) => !isCapability(name))
        .map((name) => (
          <span key={name} className="capability" data-withdrawn title={words.keys.notOffered}>
            {name}
          </span>
        ))}
    </Group>
  );
}

export function MadeAt({ target }: KeyProps) {
  return (
    <Text component="span" size="sm">
      <Ago at={target.createdAt} />
    </Text>
  );
}

/** When it was last used. `everyMs`: how often the words are looked at again. */
export function LastUsed({ target, never = words.keys.never }: KeyProps & { readonly never?: string }) {
  return target.lastUsedAt === null ? (
    <Text component="span" size="sm" c="dimmed">
      {never}
    </Text>
  ) : (
    <Text component="span" size="sm">
      <Ago at={target.lastUsedAt} everyMs={3_000} />
    </Text>
  );
}

/** When it ends, or has ended. */
export function Ends({ target }: KeyProps) {
  const now = useNow();
  if (target.revokedAt !== null) {
    return (
      <Text component="span" size="sm">
        {words.keys.revoked} <Ago at={target.revokedAt} />
      </Text>
    );
  }
  if (target.expiresAt === null) {
    return (
      <Text component="span" size="sm" c="dimmed">
        {words.keys.never}
      </Text>
    );
  }
  const isSoon = target.state === 'active' && Date.parse(target.expiresAt) - now < WARN_WITHIN_MS;
  return (
    <Text component="span" size="sm" {...(isSoon && { className: 'warning-text', fw: 600 })}>
      {target.state === 'expired' && `${words.keys.expired} `}
      <Ago at={target.expiresAt} />
    </Text>
  );
}
