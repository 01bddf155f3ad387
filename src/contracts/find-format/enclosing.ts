/** A quote and what separates cells. */
export interface Marks {
  readonly quote: string;
  readonly delimiter: string;
}

/*
 * Where quotes stand in a sample of a file that may be anything. A regular expression would look at a run of blanks again
 * from each of its characters: minutes for a sample of blanks.
 */

/** Whether a quote stands at the beginning of a cell, and one behind it in the line at the end of one. */
export function isEnclosing(text: string, marks: Marks): boolean {
  if (!text.includes(marks.quote)) return false;
  return text.split('\n').some((line) => {
    const places = placesOf(line, marks.quote);
    const first = places.find((place) => place === 0 || hasDelimiterBefore(line, { place, ...marks }));
    return first !== undefined && places.some((place) => place > first && isEndOfCell(line, { place, ...marks }));
  });
}

/** Whether blanks stand between a delimiter and a quote. */
export function isSpaced(text: string, marks: Marks): boolean {
  if (!text.includes(marks.quote)) return false;
  return text.split('\n').some((line) =>
    placesOf(line, marks.quote).some((place) => {
      return place > 0 && isBlank(line, place - 1) && hasDelimiterBefore(line, { place: place - 1, ...marks });
    }),
  );
}

interface Place extends Marks {
  readonly place: number;
}

function placesOf(line: string, quote: string): readonly number[] {
  const places: number[] = [];
  for (let place = line.indexOf(quote); place >= 0; place = line.indexOf(quote, place + 1)) places.push(place);
  return places;
}

/** Whether a delimiter stands before the place, with nothing but blanks between them. */
function hasDelimiterBefore(line: string, { place, delimiter }: Place): boolean {
  let start = place;
  while (start > 0 && isBlank(line, start - 1)) start--;
  return line.endsWith(delimiter, start) || line.slice(start, place).includes(delimiter);
}

function isEndOfCell(line: string, { place, quote, delimiter }: Place): boolean {
  const after = place + quote.length;
  let end = after;
  while (end < line.length && isBlank(line, end)) end++;
  return after === line.length || line.startsWith(delimiter, end) || line.slice(after, end).includes(delimiter);
}

const isBlank = (line: string, place: number): boolean => line[place] === ' ' || line[place] === '\t';
