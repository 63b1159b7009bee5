import { Button, Stack, Text } from '@mantine/core';
import type { Key } from '#libs/keys-contract';
import { DialogFooter } from '../dialog.js';
import { Ago } from '../time/ago.js';
import { describeSwitch } from './describe-usage.js';
import { KeyName } from './key-name.js';
import { keyMessages } from './messages.js';
import { UsageSummary } from './usage-summary.js';
import { useUsage } from './use-usage.js';

interface SwitchOverProps {
  readonly old: Key;
  readonly newKey: Key;
  readonly onLater: () => void;
  readonly onRetire: () => void;
}

/** Both keys side by side, to watch the traffic move from the old one to the new one. */
export function SwitchOver({ old, newKey, onLater, onRetire }: SwitchOverProps) {
  const { data: usageOfOld } = useUsage(old);
  const { data: usageOfNew } = useUsage(newKey);
  return (
    <>
      <Text size="sm">{keyMessages.rotate.switchText}</Text>
      <div className="pair">
        <Side title={keyMessages.rotate.oldKey} target={old} />
        <Side title={keyMessages.rotate.newKey} target={newKey} />
      </div>
      <Text size="sm" role="status" fw={500}>
        {usageOfOld && usageOfNew && describeSwitch(usageOfOld, usageOfNew)}
      </Text>
      <DialogFooter hint={keyMessages.rotate.laterHint}>
        <Button variant="default" onClick={onLater}>
          {keyMessages.rotate.later}
        </Button>
        <Button onClick={onRetire}>{keyMessages.rotate.retire}</Button>
      </DialogFooter>
    </>
  );
}

function Side({ title, target }: { readonly title: string; readonly target: Key }) {
  return (
    <Stack className="well" p="sm" gap={6} role="group" aria-label={title}>
      <Text size="xs" fw={600} c="dimmed">
        {title}
      </Text>
      <KeyName target={target} />
      {target.expiresAt !== null && (
        <Text size="sm" component="div">
          {keyMessages.rotate.expires} <Ago at={target.expiresAt} />
        </Text>
      )}
      <UsageSummary target={target} />
    </Stack>
  );
}
