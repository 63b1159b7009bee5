import {
  Alert,
  type CSSVariablesResolver,
  type ModalProps,
  type TooltipProps,
  createTheme,
} from '@mantine/core';

export const theme = createTheme({
  primaryColor: 'indigo',
  colors: {
    // With the same hint of blue as the dark page; Mantine's own is a neutral gray.
    dark: [
      '#d5d8de',
      '#b8bdc7',
      '#8b92a0',
      '#6b7280',
      '#3a3f4b',
      '#2d313b',
      '#22262e',
      '#16181d',
      '#121419',
      '#0d0f12',
    ],
    // Dark enough for white text on it, and for use as text on white.
    red: [
      '#fff5f5',
      '#ffe3e3',
      '#ffc9c9',
      '#ffa8a8',
      '#ff8787',
      '#e03131',
      '#c92a2a',
      '#c92a2a',
      '#b02525',
      '#9b2020',
    ],
  },
  primaryShade: 7,
  autoContrast: true,
  defaultRadius: 'md',
  respectReducedMotion: true,
  fontFamily:
    "Inter, ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
  fontFamilyMonospace:
    "ui-monospace, 'SF Mono', SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace",
  headings: { fontWeight: '650' },
  cursorType: 'pointer',
  components: {
    Alert: Alert.extend({
      classNames: { title: 'alert-title' },
      // Tinted with its color, so that it fits both color schemes.
      vars: (_theme, { color = 'indigo' }) => ({
        root: {
          '--alert-bg': `color-mix(in srgb, var(--mantine-color-${color}-6) 12%, var(--page-surface))`,
          '--alert-bd': `1px solid color-mix(in srgb, var(--mantine-color-${color}-6) 35%, var(--page-surface))`,
        },
      }),
    }),
    // By name rather than `Modal.extend`, which would put the components into the script of the sign-in page.
    Modal: {
      defaultProps: {
        transitionProps: { duration: 120 },
        overlayProps: { opacity: 0.5 },
      } satisfies Partial<ModalProps>,
    },
    Tooltip: {
      defaultProps: {
        withArrow: true,
        openDelay: 200,
        events: { hover: true, focus: true, touch: true },
      } satisfies Partial<TooltipProps>,
    },
  },
});

/** Mantine's own grays have too little contrast (WCAG 2.2, success criterion 1.4.3). */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5b6470',
    '--mantine-color-placeholder': '#68717d',
    '--mantine-color-error': '#c92a2a',
    '--page-background': '#f8f9fb',
    '--page-surface': '#ffffff',
    '--page-border': '#e3e6eb',
    '--page-well': '#f3f4f7',
    '--page-warning': '#8a3a00',
    '--page-warning-well': '#fff4e6',
    '--page-warning-border': '#f0b27a',
    '--page-good': '#1b6e2e',
  },
  dark: {
    '--mantine-color-dimmed': '#a3aab5',
    '--mantine-color-placeholder': '#8f97a3',
    '--mantine-color-error': '#ff8787',
    '--page-background': '#101216',
    '--page-surface': '#16181d',
    '--page-border': '#2b2f37',
    '--page-well': '#1e2128',
    '--page-warning': '#ffc078',
    '--page-warning-well': '#2e2312',
    '--page-warning-border': '#6b4a1f',
    '--page-good': '#69db7c',
  },
});
