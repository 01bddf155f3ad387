// Parsed by the very Node it may have to refuse: plain syntax only, and nothing to import.

/** The oldest Node that Weir runs on; `engines` in package.json says the same, and a test compares the two. */
export const OLDEST_NODE = '20.19.0';

/** Says in words why this Node cannot run Weir, or `undefined` when it can. */
export function maybeNodeVersionProblem(version) {
  const found = numbersOf(version);
  const wanted = numbersOf(OLDEST_NODE);
  for (let i = 0; i < wanted.length; i += 1) {
    if (found[i] > wanted[i]) return undefined;
    if (!(found[i] === wanted[i])) {
      return (
        'Weir needs Node ' +
        OLDEST_NODE +
        ' or newer, but this is Node ' +
        version +
        '.\nInstall a newer one, for example with "nvm install 20" or from https://nodejs.org, and run the command again.'
      );
    }
  }
  return undefined;
}

function numbersOf(version) {
  return String(version).replace(/^v/, '').split(/[.-]/).slice(0, 3).map(Number);
}
