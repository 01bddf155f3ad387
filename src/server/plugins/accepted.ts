interface Range {
  readonly name: string;
  readonly quality: number;
}

/**
 * Of what a server can send, what a header such as Accept-Encoding or Accept likes best; of equals the first. Undefined
 * when it takes none of them.
 */
export function acceptedOf<T extends string>(header: string | undefined, offered: readonly T[]): T | undefined {
  const ranges = parse(header ?? '');
  const rated = offered.map((name) => ({ name, quality: qualityOf(name, ranges) }));
  return rated.filter(({ quality }) => quality > 0).sort((a, b) => b.quality - a.quality)[0]?.name;
}

/** The most exact range decides: `text/csv;q=0, text/*` takes everything of text but CSV. */
function qualityOf(name: string, ranges: readonly Range[]): number {
  const [kind] = name.split('/');
  for (const exact of [name, `${kind}/*`, '*/*', '*']) {
    const found = ranges.find((range) => range.name === exact);
    if (found !== undefined) return found.quality;
  }
  return 0;
}

function parse(header: string): readonly Range[] {
  return header.split(',').map((part) => {
    const [name = '', ...params] = part.split(';').map((each) => each.trim().toLowerCase());
    const given = params.find((param) => param.startsWith('q='))?.slice(2);
    const quality = given === undefined ? 1 : Number(given);
    return { name, quality: Number.isNaN(quality) ? 1 : quality };
  });
}
