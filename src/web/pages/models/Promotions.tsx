import { Text, Timeline } from '@mantine/core';
import { IconArrowUp } from '@tabler/icons-react';
import type { Promotion } from '#api';
import { Empty } from '../../components/Notice.tsx';
import { TimeText } from '../../components/TimeText.tsx';

/** Who made which version champion or challenger, when and why; newest first. */
export function Promotions({ promotions }: { readonly promotions: readonly Promotion[] }) {
  if (promotions.length === 0) {
    return (
      <Empty icon={<IconArrowUp size={22} />} title="No promotion yet">
        When a version becomes champion or challenger, who decided it, when and why is kept here for good.
      </Empty>
    );
  }
  return (
    <Timeline active={promotions.length} bulletSize={22} lineWidth={2} mx="lg" pb="md" pt={4}>
      {promotions.map((promotion) => (
        <Timeline.Item
          key={`${promotion.at} ${promotion.alias} ${promotion.version}`}
          bullet={<IconArrowUp size={12} />}
          title={
            <Text size="sm" fw={600} component="span">
              Version {promotion.version} became {promotion.alias}
              {promotion.previous === null ? '' : ` in place of ${promotion.previous}`}
            </Text>
          }
        >
          <Text size="sm" c="dimmed" className="break">
            {promotion.reason}
          </Text>
          <Text size="xs" c="dimmed" component="div" mt={2}>
            by {promotion.actor}, <TimeText time={promotion.at} isAbsolute />
          </Text>
        </Timeline.Item>
      ))}
    </Timeline>
  );
}
