import '@mantine/notifications/styles.css';
import { Notifications } from '@mantine/notifications';

/** Where messages appear that no page holds. The first page does not need it; what is sent before it is there waits. */
export function Messages() {
  return <Notifications position="bottom-right" />;
}
