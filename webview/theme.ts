/**
 * @file Colours that a canvas needs as values. Ordinary parts of the page use VS Code's variables in the style sheet. The
 * map's own scale runs from pale to dark in light themes and from dark to bright in dark ones: its lightness rises or
 * falls all the way, so it survives greyscale and colour blindness. The HTML report uses the same.
 */

const LIGHT_STOPS = '#f7e2b0 #f6cf8e #f4b871 #ef9c5c #e57e52 #d25e58 #b34365 #8d306c #61246a #371852'.split(' ');
const DARK_STOPS = '#2b2140 #43235c #66266c #8d306c #b34365 #d25e58 #e88053 #f3a463 #f8c583 #fdf1d6'.split(' ');
/** Less, the same, more: blue against orange, told apart by all common kinds of colour vision. */
const LIGHT_DIVERGING = '#0b4f94 #5b9bd5 #ececec #e59a4f #8a4000'.split(' ');
const DARK_DIVERGING = '#8cc8ff #2f6fae #333333 #b06a1e #ffc27d'.split(' ');

export interface Theme {
  readonly isDark: boolean;
  readonly isHighContrast: boolean;
  readonly foreground: string;
  readonly muted: string;
  readonly background: string;
  readonly grid: string;
  readonly training: string;
  readonly trainingRaw: string;
  readonly heldOut: string;
  readonly fontFamily: string;
  /** 256 colours. */
  readonly sequential: readonly string[];
  readonly diverging: readonly string[];
}

/** The theme in force; VS Code puts its kind on the body. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const variable = (name: string, fallback: string) => style.getPropertyValue(`--vscode-${name}`).trim() || fallback;
  const { classList } = document.body;
  const isHighContrast = classList.contains('vscode-high-contrast') || classList.contains('vscode-high-contrast-light');
  const isDark = !classList.contains('vscode-light') && !classList.contains('vscode-high-contrast-light');
  const foreground = variable('foreground', isDark ? '#cccccc' : '#3b3b3b');
  return {
    isDark,
    isHighContrast,
    foreground,
    muted: isHighContrast ? foreground : variable('descriptionForeground', foreground),
    background: variable('editor-background', isDark ? '#1f1f1f' : '#ffffff'),
    grid: isHighContrast ? (isDark ? '#555555' : '#aaaaaa') : isDark ? '#ffffff1a' : '#0000001a',
    training: isDark ? '#f0a04b' : '#b45309',
    trainingRaw: isDark ? '#f0a04b66' : '#b4530966',
    heldOut: isDark ? '#6cb2f7' : '#0b62b8',
    fontFamily: variable('font-family', 'sans-serif'),
    sequential: gradient(isDark ? DARK_STOPS : LIGHT_STOPS),
    diverging: gradient(isDark ? DARK_DIVERGING : LIGHT_DIVERGING),
  };
}

function gradient(stops: readonly string[]): string[] {
  const channels = stops.map((stop) => [1, 3, 5].map((at) => Number.parseInt(stop.slice(at, at + 2), 16)));
  return Array.from({ length: 256 }, (_, i) => {
    const place = (i / 255) * (stops.length - 1);
    const below = Math.min(stops.length - 2, Math.floor(place));
    const mixed = channels[below].map((from, c) =>
      Math.round(from + (channels[below + 1][c] - from) * (place - below)),
    );
    return `rgb(${mixed.join(',')})`;
  });
}

/** Black or white, whichever stands out more on a colour of `gradient` (relative luminance of WCAG 2). */
export function textColourOn(colour: string): string {
  const [red, green, blue] = colour.match(/\d+/g)!.map((channel) => {
    const share = Number(channel) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  // (1.05) / (L + 0.05) = (L + 0.05) / 0.05 at L = 0.179
  return luminance > 0.179 ? '#000000' : '#ffffff';
}
