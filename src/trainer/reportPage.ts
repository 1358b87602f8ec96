/** @file The frame of every report: one file without script that loads nothing, as its content security policy says. */
import { type Content, html, htmlText, type Section, trustedText } from './reportMarkup.ts';
import { REPORT_STYLE } from './reportStyle.ts';

export interface ReportPage {
  readonly title: string;
  readonly subtitle: Content;
  /** Banners below the title. */
  readonly notices: Content;
  /** The headline in numbers, above the sections. */
  readonly headline: Content;
  readonly sections: readonly Section[];
  readonly footer: Content;
}

/** The text of the HTML file. */
export function renderPage({ title, subtitle, notices, headline, sections, footer }: ReportPage): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${trustedText(REPORT_STYLE)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="subtitle">${subtitle}</p>
${notices}
</header>
<main>
${headline}
<nav aria-label="Sections">${sections.map(({ id, heading }) => html`<a href="#${id}">${heading}</a>`)}</nav>
${sections.map(({ id, heading, body }) => html`<section id="${id}" aria-labelledby="${id}-heading"><h2 id="${id}-heading">${heading}</h2>\n${body}</section>\n`)}
</main>
<footer>${footer}</footer>
</body>
</html>
`;
  return htmlText(page);
}
