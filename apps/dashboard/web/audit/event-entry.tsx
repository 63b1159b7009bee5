import { Text } from '@mantine/core';
import type { PersonalEvent, SignInProvider } from '../../src/contract.js';
import { Ago } from '../time/ago.js';
import { exactTime } from '../time/format.js';
import { auditMessages } from './messages.js';

/** The actor of what the keys service does by itself, such as revoking keys that nobody uses. */
const KEYS_ITSELF = 'keys';

/** Events that people should look into. */
const ALARMING = ['person.sign_in_failed', 'key.exposed'];

/** Events that say when the key will expire. */
const WITH_EXPIRY = ['key.expiry_set', 'key.expiring'];

interface EventEntryProps {
  readonly event: PersonalEvent;
  readonly providers: readonly SignInProvider[];
}

/** What happened, to which key, when; below it who did it and from where. */
export function EventEntry({ event, providers }: EventEntryProps) {
  const { at, action, key, address } = event;
  const isAlarming = ALARMING.includes(action);
  const facts = [whoDid(event), address, ...detailsOf(event, providers), exactTime(at)];
  return (
    <li>
      <Text size="sm" component="div" className="event-title">
        <Text component="span" fw={600} size="sm" {...(isAlarming && { className: 'warning-text' })}>
          {auditMessages.action(action)}
        </Text>
        {key && (
          <span>
            {key.name}{' '}
            <Text component="code" className="key-text" fz={12} c="dimmed">
              …{key.last4}
            </Text>
          </span>
        )}
      </Text>
      <Text size="sm" c="dimmed" component="div" className="event-time">
        <Ago at={at} />
      </Text>
      <Text size="xs" c="dimmed" component="div" className="event-facts">
        {facts.filter((fact) => fact !== null).join(' · ')}
      </Text>
    </li>
  );
}

function whoDid({ action, isYours, actor }: PersonalEvent): string | null {
  if (isYours) return auditMessages.you;
  if (action === 'person.sign_in_failed') return null;
  if (actor === KEYS_ITSELF) return auditMessages.automatic;
  return actor ?? auditMessages.someoneElse;
}

function detailsOf({ action, details }: PersonalEvent, providers: readonly SignInProvider[]): string[] {
  const { method, attempts, limited = 0, reason, expiresAt, url } = details;
  const nameOf = (id: string): string => providers.find((provider) => provider.id === id)?.name ?? id;
  return [
    ...(method === undefined || attempts !== undefined ? [] : [auditMessages.method(nameOf(method))]),
    ...(attempts === undefined ? [] : [auditMessages.attempts(attempts, limited)]),
    ...(url === undefined ? [] : [auditMessages.foundAt(url)]),
    ...(reason === undefined ? [] : [auditMessages.reason(reason)]),
    ...(WITH_EXPIRY.includes(action) && expiresAt !== undefined ? [auditMessages.expires(expiresAt)] : []),
  ];
}
