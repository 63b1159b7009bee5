import { Anchor, Group, Stack, Text, Tooltip } from '@mantine/core';
import type { Key } from '#libs/keys-contract';
import { CopyIconButton } from '../copy-button.js';
import { Ago } from '../time/ago.js';
import { useNow } from '../time/now.js';
import { ITEM } from '../focus.js';
import { keyPath, linkTo } from '../route.js';
import { ExposedMark } from './exposed-mark.js';
import { KeyName, keyLabel } from './key-name.js';
import { keyMessages } from './messages.js';
import { LONGEST_END_MS } from './retire-key.js';
import type { KeyAction } from './key-actions.js';
import { offeredAmong, useCatalogue } from './use-catalogue.js';

/** Keys that expire this soon are highlighted. */
const WARN_WITHIN_MS = 7 * 86_400_000;

interface KeyProps {
  readonly target: Key;
}

interface KeyCellProps extends KeyProps {
  readonly replacement: Key | undefined;
  readonly onAction: (action: KeyAction, key: Key) => void;
  /** Whether there is no room for the public part. */
  readonly isNarrow?: boolean;
}

/** A key's name, its public part, and its replacement while it is being rotated. */
export function KeyCell({ target, replacement, onAction, isNarrow = false }: KeyCellProps) {
  return (
    <Stack gap={2} miw={0}>
      {isNarrow ? (
        <Anchor {...linkTo(keyPath(target.id))} underline="hover" c="inherit">
          <KeyName target={target} />
        </Anchor>
      ) : (
        <NameAndPublicPart target={target} />
      )}
      {target.allowedIps !== null && (
        <Text size="xs" c="dimmed" lineClamp={2}>
          {keyMessages.list.onlyFrom(target.allowedIps)}
        </Text>
      )}
      <ExposedMark target={target} onRevoke={() => onAction('revoke', target)} />
      {target.state === 'active' && replacement && (
        <Replaced target={target} replacement={replacement} onAction={onAction} />
      )}
    </Stack>
  );
}

function NameAndPublicPart({ target }: KeyProps) {
  return (
    <>
      <Anchor
        {...linkTo(keyPath(target.id))}
        fw={600}
        size="sm"
        c="inherit"
        underline="hover"
        className="key-name"
      >
        {target.name}
      </Anchor>
      <Group gap={4} wrap="nowrap">
        <PublicPart target={target} />
      </Group>
    </>
  );
}

/** What may be shown of a key's text, to copy. */
export function PublicPart({ target }: KeyProps) {
  return (
    <>
      <Text component="code" className="key-text public-part" fz={12} c="dimmed">
        {target.publicPart}…{target.last4}
      </Text>
      <CopyIconButton text={target.publicPart} label={keyMessages.list.copyPublic(keyLabel(target))} />
    </>
  );
}

/** Once an end is near, as one that was set in the last step of a rotation, nothing is left to do. */
export function Replaced({
  target,
  replacement,
  onAction,
}: Omit<KeyCellProps, 'replacement'> & { readonly replacement: Key }) {
  const now = useNow();
  if (target.expiresAt !== null && Date.parse(target.expiresAt) - now <= LONGEST_END_MS) {
    return (
      <Text size="xs" c="dimmed">
        {keyMessages.list.replacedAndEnds(replacement.last4)}
      </Text>
    );
  }
  return (
    <Text size="xs" className="warning-text">
      {keyMessages.list.replacedBy(replacement.last4)}{' '}
      <Anchor
        component="button"
        size="xs"
        aria-label={keyMessages.list.continueWith(keyLabel(target))}
        onClick={() => onAction('rotate', target)}
        {...{ [ITEM]: target.id }}
      >
        {keyMessages.list.continue}
      </Anchor>
    </Text>
  );
}

/** What a key may do, first what new keys can have, too. Until that is known, nothing is marked. */
export function Capabilities({ target: { capabilities: names } }: KeyProps) {
  const { data: catalogue } = useCatalogue();
  const offered =
    catalogue === undefined ? names.map((name) => ({ name, broad: false })) : offeredAmong(names, catalogue);
  return (
    <Group gap={4} component="span">
      {offered.map(({ name, broad }) => (
        <span key={name} className="capability" {...(broad && { 'data-broad': true })}>
          {name}
        </span>
      ))}
      {names
        .filter((name) => !offered.some((one) => one.name === name))
        .map((name) => (
          <Tooltip key={name} label={keyMessages.list.withdrawn}>
            <span className="capability" data-withdrawn tabIndex={0}>
              {name}
            </span>
          </Tooltip>
        ))}
    </Group>
  );
}

export function CreatedAt({ target }: KeyProps) {
  return (
    <Text component="span" size="sm">
      <Ago at={target.createdAt} shows="day" />
    </Text>
  );
}

export function LastUsed({ target }: KeyProps) {
  return target.lastUsedAt === null ? (
    <Text component="span" size="sm" c="dimmed">
      {keyMessages.list.never}
    </Text>
  ) : (
    <Text component="span" size="sm">
      <Ago at={target.lastUsedAt} everyMs={3_000} shows="day" />
    </Text>
  );
}

/** When the key expires, has expired or was revoked. */
export function ExpiresAt({ target }: KeyProps) {
  const now = useNow();
  if (target.revokedAt !== null) {
    return (
      <Text component="span" size="sm">
        {keyMessages.list.revoked} <Ago at={target.revokedAt} shows="day" />
      </Text>
    );
  }
  if (target.expiresAt === null) {
    return (
      <Text component="span" size="sm" c="dimmed">
        {keyMessages.list.never}
      </Text>
    );
  }
  const isSoon = target.state === 'active' && Date.parse(target.expiresAt) - now < WARN_WITHIN_MS;
  return (
    <Text component="span" size="sm" {...(isSoon && { className: 'warning-text', fw: 600 })}>
      {target.state === 'expired' && `${keyMessages.list.expired} `}
      <Ago at={target.expiresAt} shows="day" />
    </Text>
  );
}
