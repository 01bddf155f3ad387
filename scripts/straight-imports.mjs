// In a bundle, what a module takes through the door of a part comes straight from the file that holds it. esbuild loads
// with a door all that lies behind it, and a process that lists runs would load all that can be done with them.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const THROUGH_DOORS = /^(import|export) \{([^}]*)\} from '(#\w+)';$/gm;
const HANDED_ON = /^export (?:\{([^}]*)\}|\*) from '(\.[^']+)';$/gm;

/**
 * Gives the text of a module of TypeScript below `source` with such imports straight, its lines where they were. What a
 * door holds itself, takes from another part or renames still comes through it.
 */
export function createStraightener(source) {
  const doors = new Map();
  const doorOf = (name) => {
    const known = doors.get(name) ?? readPlaces(join(source, name.slice(1), 'index.ts'));
    doors.set(name, known);
    return known;
  };
  return (text) =>
    text.replaceAll(THROUGH_DOORS, (statement, verb, list, door) => {
      const places = doorOf(door);
      const straight = namesIn(list).map((name) => {
        const place = places.get(name.split(' as ')[0]) ?? door;
        return `${verb} { ${name} } from ${JSON.stringify(place)};`;
      });
      return straight.join(' ') + '\n'.repeat(statement.split('\n').length - 1);
    });
}

/** In which file lies what a file hands on, by name. */
function readPlaces(file) {
  const statements = [...readFileSync(file, 'utf8').matchAll(HANDED_ON)];
  return new Map(
    statements.flatMap(([, list, from]) => {
      const target = join(dirname(file), from);
      return list === undefined ? [...readPlaces(target)] : namesIn(list).map((name) => [name, target]);
    }),
  );
}

/** Values in a list of names; types are gone when anything is loaded. */
const namesIn = (list) =>
  list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '));
