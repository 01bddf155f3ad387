import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** How to start the npm that belongs to this Node, so that no shell has to find one. */
export function npmCommand(args, effects = { env: process.env, execPath: process.execPath, exists: existsSync }) {
  const beside = dirname(effects.execPath);
  const candidates = [
    // pnpm and yarn set this too, to a script that knows no `ci`.
    basename(effects.env.npm_execpath ?? '') === 'npm-cli.js' ? effects.env.npm_execpath : undefined,
    join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  const script = candidates.find((candidate) => candidate !== undefined && effects.exists(candidate));
  if (script !== undefined) return { command: effects.execPath, args: [script, ...args], shell: false };
  return { command: 'npm', args, shell: process.platform === 'win32' };
}

// Where packages come from, through what, and what may run: choices of the person or the network, to be kept.
const KEPT_SETTING =
  /^npm_config_(@.*|\/\/.*|_auth.*|registry|cache|userconfig|globalconfig|.*proxy|ca|cafile|cert|key|strict_ssl|fetch_.*|maxsockets|offline|prefer_offline|ignore_scripts)$/i;

/**
 * The environment for our own `npm ci`. An outer npm hands all its settings down, and those of *its* command would
 * change ours: `--prefix` installs elsewhere, `--omit=dev` or NODE_ENV=production leaves out what the build needs.
 */
export function npmEnvironment(env) {
  const kept = Object.entries(env).filter(([name]) => {
    if (/^npm_config_/i.test(name)) return KEPT_SETTING.test(name);
    return !/^npm_(lifecycle|package|command)/i.test(name) && name !== 'NODE_ENV' && name !== 'INIT_CWD';
  });
  return { ...Object.fromEntries(kept), WEIR_PREPARING: '1' };
}
