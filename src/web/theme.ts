import { type CSSVariablesResolver, createTheme } from '@mantine/core';
import { toneVariables } from './tones.ts';

export const theme = createTheme({
  primaryColor: 'river',
  // Mantine's own shade 6 leaves white text below 4.5 : 1.
  primaryShade: { light: 8, dark: 8 },
  colors: {
    river: [
      '#ebf6fa',
      '#d6eaf2',
      '#aad3e4',
      '#7bbcd6',
      '#56a8ca',
      '#3f9cc3',
      '#3296c0',
      '#1c7da6',
      '#0f6b90',
      '#06577a',
    ],
    dark: [
      '#d8dee4',
      '#b3bcc5',
      '#8a949e',
      '#66707a',
      '#424b54',
      '#333b43',
      '#262d34',
      '#1c2228',
      '#161b20',
      '#101418',
    ],
  },
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace",
  headings: { fontWeight: '650' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Card: { defaultProps: { withBorder: true, padding: 'md', radius: 'lg' } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 250, multiline: true, maw: 320 } },
    Notification: {
      defaultProps: { closeButtonProps: { 'aria-label': 'Close' } },
      // Mantine's own grey is below 4.5 : 1 on white.
      styles: { description: { color: 'var(--mantine-color-dimmed)' } },
    },
    ActionIcon: { defaultProps: { variant: 'default' } },
  },
});

/** Replaces the colours of Mantine's default scheme that fail AA, and adds the tones. */
export const cssVariablesResolver: CSSVariablesResolver = (current) => ({
  variables: {},
  light: {
    '--mantine-color-body': '#ffffff',
    '--page-background': '#f5f8fa',
    '--hairline': '#e1e7ec',
    '--mantine-color-text': '#18222b',
    '--mantine-color-dimmed': '#55616d',
    '--mantine-color-placeholder': '#68747f',
    '--mantine-color-error': '#b02329',
    '--mantine-color-anchor': '#0b6286',
    '--mantine-color-default-border': '#d5dde3',
    '--mantine-color-river-light-color': '#0a5675',
    '--card-background': '#ffffff',
    '--sunken': '#f2f5f7',
    '--nav-hover': '#eef3f6',
    '--nav-active': '#e0eff6',
    '--nav-active-text': '#07506d',
    ...toneVariables('light'),
  },
  dark: {
    '--mantine-color-body': '#161b20',
    '--page-background': '#0f1317',
    '--hairline': '#293038',
    '--mantine-color-text': '#dde3e8',
    '--mantine-color-dimmed': '#9ba6b1',
    '--mantine-color-placeholder': '#8b96a1',
    '--mantine-color-error': '#ff9b9b',
    '--mantine-color-anchor': '#7cc4e2',
    '--mantine-color-river-light-color': current.colors.river?.[3] ?? '#7bbcd6',
    '--card-background': '#1a2026',
    '--sunken': '#11161a',
    '--nav-hover': '#20272e',
    '--nav-active': '#17313f',
    '--nav-active-text': '#a3d9ef',
    ...toneVariables('dark'),
  },
});
