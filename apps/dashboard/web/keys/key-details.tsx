import { Anchor, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Key } from '#libs/keys-contract';
import { keyPath, linkTo } from '../route.js';
import { Ago } from '../time/ago.js';
import { Capabilities, PublicPart } from './key-fields.js';
import { KeyName } from './key-name.js';
import { keyMessages } from './messages.js';
import { useReplacedKey } from './use-keys.js';

/** All that is known of a key, whatever its state. */
export function KeyDetails({ target }: { readonly target: Key }) {
  const { details } = keyMessages;
  const {
    exposedAt,
    exposureSource,
    expiresAt,
    lastUsedAt,
    pausedAt,
    revokedAt,
    revocationReason,
    rateLimitPerMinute,
  } = target;
  const state = Object.entries(details.states).find(([name]) => name === target.state)?.[1] ?? target.state;
  const { data: replaced } = useReplacedKey(target);
  return (
    <dl className="details">
      <Row name={details.state}>{state}</Row>
      {revokedAt !== null && <Row name={details.revoked}>{at(revokedAt)}</Row>}
      {revocationReason !== null && <Row name={details.reason}>{revocationReason}</Row>}
      {exposedAt !== null && (
        <Row name={details.exposed}>
          {at(exposedAt)}, {details.howExposed(exposureSource)}
        </Row>
      )}
      {pausedAt !== null && <Row name={details.paused}>{at(pausedAt)}</Row>}
      <Row name={details.created}>{at(target.createdAt)}</Row>
      <Row name={details.lastUsed}>{lastUsedAt === null ? details.never : at(lastUsedAt)}</Row>
      <Row name={details.expires}>{expiresAt === null ? details.never : at(expiresAt)}</Row>
      <Row name={details.publicPart}>
        <Group gap={4} wrap="nowrap">
          <PublicPart target={target} />
        </Group>
      </Row>
      <Row name={details.capabilities}>
        <Capabilities target={target} />
      </Row>
      <Row name={details.addresses}>{target.allowedIps?.join(', ') ?? details.anyAddress}</Row>
      {rateLimitPerMinute !== null && <Row name={details.limit}>{details.perMinute(rateLimitPerMinute)}</Row>}
      {replaced && (
        <Row name={details.replaces}>
          <Anchor size="sm" {...linkTo(keyPath(replaced.id))}>
            <KeyName target={replaced} />
          </Anchor>
        </Row>
      )}
    </dl>
  );
}

function Row({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function at(time: string): ReactNode {
  return <Ago at={time} shows="time" />;
}
