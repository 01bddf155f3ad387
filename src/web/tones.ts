/** The colours that carry meaning. One table feeds the style sheet and the charts, so both always agree. */
export type Tone = 'green' | 'orange' | 'red' | 'blue' | 'teal' | 'grey';
export type Scheme = 'light' | 'dark';

interface Shades {
  /** Background of a badge. */
  readonly soft: string;
  /** Text on `soft` and on the page; at least 4.5 : 1 on both. */
  readonly text: string;
  /** Lines, bars and dots. */
  readonly solid: string;
  /** Large figures; at least 3 : 1 on the page. */
  readonly strong: string;
}

export const TONES: Readonly<Record<Scheme, Readonly<Record<Tone, Shades>>>> = {
  light: {
    green: { soft: '#e2f4e9', text: '#14603a', solid: '#2e9e62', strong: '#1f8550' },
    orange: { soft: '#fdf0dc', text: '#824600', solid: '#dd8616', strong: '#b96700' },
    red: { soft: '#fde8e7', text: '#a01b1f', solid: '#d5464a', strong: '#c9363b' },
    blue: { soft: '#e3f0fb', text: '#0d5086', solid: '#3182c4', strong: '#1f72b5' },
    teal: { soft: '#def3f2', text: '#0b5a58', solid: '#2a9b96', strong: '#1a807c' },
    grey: { soft: '#eaeef1', text: '#48525c', solid: '#96a1ac', strong: '#6b7681' },
  },
  dark: {
    green: { soft: '#163323', text: '#7fdca6', solid: '#43b67a', strong: '#6fd39a' },
    orange: { soft: '#3a2a12', text: '#f3b766', solid: '#e0963a', strong: '#f0ad55' },
    red: { soft: '#3e1f20', text: '#ff9f9f', solid: '#e66364', strong: '#f58383' },
    blue: { soft: '#152e43', text: '#8cc8f5', solid: '#4c9fdd', strong: '#7dbdf0' },
    teal: { soft: '#103433', text: '#76d7d1', solid: '#38b0aa', strong: '#5fcac4' },
    grey: { soft: '#2a3138', text: '#b5bfc9', solid: '#75808b', strong: '#98a3ae' },
  },
};

/** Series without a meaning use these in order: distinct in both schemes and for colour-blind people. */
export const SERIES: Readonly<Record<Scheme, readonly string[]>> = {
  light: ['#2b7fb0', '#d9822b', '#7a5cc2', '#2a9b7f', '#c2517f', '#8a8f3c', '#5b6f86', '#b3603f'],
  dark: ['#58a8d6', '#e6a057', '#a58be0', '#4fc0a2', '#e080a6', '#b8bd62', '#8fa3ba', '#d98c6b'],
};

/** Each tone as CSS variables: `--tone-red-soft` and so on. */
export function toneVariables(scheme: Scheme): Record<string, string> {
  return Object.fromEntries(
    Object.entries(TONES[scheme]).flatMap(([tone, shades]) =>
      Object.entries(shades).map(([shade, color]) => [`--tone-${tone}-${shade}`, color]),
    ),
  );
}
