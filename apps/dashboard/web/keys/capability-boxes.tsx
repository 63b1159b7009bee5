import { Alert, Badge, Checkbox, Group, Stack, Text } from '@mantine/core';
import { CAPABILITIES, type Capability } from '#libs/capabilities';
import { groupOf, words } from '../messages.js';

interface CapabilityBoxesProps {
  readonly value: readonly Capability[];
  readonly onChange: (value: Capability[]) => void;
  readonly error: string | false;
}

const GROUPS = ['desktop', 'schedule', 'kb'] as const;

/** What a key may do, as the catalogue says it, in groups. */
export function CapabilityBoxes({ value, onChange, error }: CapabilityBoxesProps) {
  return (
    <Checkbox.Group
      label={words.create.capabilities}
      description={words.create.capabilitiesHint}
      error={error}
      value={[...value]}
      onChange={(names) =>
        onChange(CAPABILITIES.map(({ name }) => name).filter((name) => names.includes(name)))
      }
    >
      <Stack gap="md" mt="sm" mb={error === false ? 0 : 'xs'}>
        {GROUPS.map((group) => (
          <div key={group} role="group" aria-label={words.groups[group]}>
            <Text size="xs" fw={600} c="dimmed" mb={6}>
              {words.groups[group]}
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
                {words.broad}
              </Badge>
            )}
          </Group>
        }
        description={unlocks}
      />
      {broad && isChecked && (
        <Alert color="orange" mt="xs" role="alert" py="xs">
          {words.broadWarning}
        </Alert>
      )}
    </div>
  );
}
