/** Tells whether `dist` was built from the present sources. */
export function buildIsCurrent(root: string): boolean;
