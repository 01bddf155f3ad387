import { Select } from '@mantine/core';
import { type Role, role as roleSchema, roles } from '#api';
import { toRoleText } from '../../access/UserMenu.tsx';

interface RoleSelectProps {
  readonly role: Role;
  readonly onChange: (role: Role) => void;
}

/** One of the roles, each with what it may do. */
export function RoleSelect({ role, onChange }: RoleSelectProps) {
  return (
    <Select
      label="Role"
      allowDeselect={false}
      data={roles.map((value) => ({ value, label: toRoleText(value) }))}
      value={role}
      onChange={(chosen) => {
        const known = roleSchema.safeParse(chosen);
        if (known.success) onChange(known.data);
      }}
    />
  );
}
