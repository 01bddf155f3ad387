import { maybePlainYaml } from './plain-yaml.ts';
import { yamlPackage } from './yaml-package.ts';

/**
 * What a text of YAML 1.2 says. Aliases are bounded, so that a small text cannot expand to a large one.
 *
 * @throws YAMLParseError of the package, for a text that is not YAML.
 */
export function parseYaml(text: string): unknown {
  // Most texts are plain, and the package takes 15 ms of a process to load and to read them.
  return maybePlainYaml(text) ?? yamlPackage().parse(text, { maxAliasCount: 100 });
}
