/** Whether a path matches a pattern: `*` and `?` within a name, `**` for any folders, `{a,b}` for one of several. */
export function matchesGlob(path: string, pattern: string): boolean {
  const names = path.split('/');
  return expanded(pattern).some((each) => matchesNames(names, each.split('/')));
}

/** Whether a path has what only patterns have. */
export const isGlob = (path: string): boolean => /[*?{]/.test(path);

/** The patterns that one with braces stands for. */
function expanded(pattern: string): readonly string[] {
  const [, before = '', choices, after = ''] = /^([^{}]*)\{([^{}]*)\}(.*)$/s.exec(pattern) ?? [];
  if (choices === undefined) return [pattern];
  return choices.split(',').flatMap((choice) => expanded(`${before}${choice}${after}`));
}

function matchesNames(names: readonly string[], patterns: readonly string[]): boolean {
  const [pattern, ...more] = patterns;
  if (pattern === undefined) return names.length === 0;
  if (pattern === '**') return names.some((_, from) => matchesNames(names.slice(from), more)) || more.length === 0;
  const [name, ...rest] = names;
  return name !== undefined && matchesName(name, pattern) && matchesNames(rest, more);
}

/** Looks back to the last star alone, so that no pattern takes long. */
function matchesName(name: string, pattern: string): boolean {
  let [at, own, star, starAt] = [0, 0, -1, 0];
  while (at < name.length) {
    if (pattern[own] === '*') {
      star = own++;
      starAt = at;
    } else if (own < pattern.length && (pattern[own] === '?' || pattern[own] === name[at])) {
      own++;
      at++;
    } else if (star >= 0) {
      own = star + 1;
      at = ++starAt;
    } else return false;
  }
  while (pattern[own] === '*') own++;
  return own === pattern.length;
}
