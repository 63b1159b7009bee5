import { Alert, Badge, Checkbox, Group, Stack, Text } from '@mantine/core';
import { CAPABILITIES, type Capability } from '#libs/capabilities';
import { keyMessages } from './messages.js';

interface CapabilityBoxesProps {
  readonly value: readonly Capability[];
  readonly onChange: (value: Capability[]) => void;
  readonly error: string | false;
}

const GROUPS = ['desktop', 'schedule', 'kb'] as const;

function groupOf(capability: Capability): (typeof GROUPS)[number] {
  if (capability.startsWith('desktop:')) return 'desktop';
  return capability.startsWith('schedule:') ? 'schedule' : 'kb';
}

/** The capabilities of the catalog as check boxes, in groups. */
export function CapabilityBoxes({ value, onChange, error }: CapabilityBoxesProps) {
  return (
    <Checkbox.Group
      label={keyMessages.create.capabilities}
      description={keyMessages.create.capabilitiesHint}
      error={error}
      value={[...value]}
      onChange={(names) =>
        onChange(CAPABILITIES.map(({ name }) => name).filter((name) => names.includes(name)))
      }
    >
      <Stack gap="md" mt="sm" mb={error === false ? 0 : 'xs'}>
        {GROUPS.map((group) => (
          <div key={group} role="group" aria-label={keyMessages.capabilities.groups[group]}>
            <Text size="xs" fw={600} c="dimmed" mb={6}>
              {keyMessages.capabilities.groups[group]}
            </Text>
            <Stack gap="sm">
              {CAPABILITIES.filter(({ name }) => groupOf(name) === group).map((capability) => (
                <CapabilityBox
                  key={capability.name}
                  {...capability}
                  isChecked={value.includes(capability.name)}
                />
              ))}
            </Stack>
          </div>
        ))}
      </Stack>
    </Checkbox.Group>
  );
}

type CapabilityBoxProps = (typeof CAPABILITIES)[number] & { readonly isChecked: boolean };

function CapabilityBox({ name, title, unlocks, broad, isChecked }: CapabilityBoxProps) {
  return (
    <div>
      <Checkbox
        value={name}
        label={
          <Group component="span" gap={8} display="inline-flex">
            {title}
            <span className="capability">{name}</span>
            {broad && (
              <Badge size="sm" variant="default" tt="none" className="warning-text">
                {keyMessages.capabilities.broad}
              </Badge>
            )}
          </Group>
        }
        description={unlocks}
      />
      {broad && isChecked && (
        <Alert color="orange" mt="xs" role="alert" py="xs">
          {keyMessages.capabilities.broadWarning}
        </Alert>
      )}
    </div>
  );
}
