/** How many people of one class, sex and age group there were, split by what became of them. */
export interface Count {
  readonly class: '1st' | '2nd' | '3rd' | 'crew';
  readonly sex: 'male' | 'female';
  readonly ageGroup: 'child' | 'adult';
  readonly died: number;
  readonly survived: number;
}

/**
 * The table published in Dawson, "The 'Unusual Episode' Data Revisited", Journal of Statistics Education 3(3), 1995.
 * It stands in the code too, and not only in `data/counts.csv`, because a project is bundled into one file that may run
 * from another folder; `people.test.ts` proves the two equal.
 */
export const counts: readonly Count[] = [
  { class: '1st', sex: 'male', ageGroup: 'child', died: 0, survived: 5 },
  { class: '1st', sex: 'male', ageGroup: 'adult', died: 118, survived: 57 },
  { class: '1st', sex: 'female', ageGroup: 'child', died: 0, survived: 1 },
  { class: '1st', sex: 'female', ageGroup: 'adult', died: 4, survived: 140 },
  { class: '2nd', sex: 'male', ageGroup: 'child', died: 0, survived: 11 },
  { class: '2nd', sex: 'male', ageGroup: 'adult', died: 154, survived: 14 },
  { class: '2nd', sex: 'female', ageGroup: 'child', died: 0, survived: 13 },
  { class: '2nd', sex: 'female', ageGroup: 'adult', died: 13, survived: 80 },
  { class: '3rd', sex: 'male', ageGroup: 'child', died: 35, survived: 13 },
  { class: '3rd', sex: 'male', ageGroup: 'adult', died: 387, survived: 75 },
  { class: '3rd', sex: 'female', ageGroup: 'child', died: 17, survived: 14 },
  { class: '3rd', sex: 'female', ageGroup: 'adult', died: 89, survived: 76 },
  { class: 'crew', sex: 'male', ageGroup: 'child', died: 0, survived: 0 },
  { class: 'crew', sex: 'male', ageGroup: 'adult', died: 670, survived: 192 },
  { class: 'crew', sex: 'female', ageGroup: 'child', died: 0, survived: 0 },
  { class: 'crew', sex: 'female', ageGroup: 'adult', died: 3, survived: 20 },
];
