/** @file The panel's page. Pure: the host fills in its addresses, the tests theirs, so that the policy in force is the one tested. */

export interface PanelPage {
  readonly scriptUri: string;
  readonly styleUri: string;
  readonly codiconsUri: string;
  /** `webview.cspSource` of VS Code. */
  readonly cspSource: string;
  /** Drawn anew for every page: letters and digits. */
  readonly nonce: string;
}

/**
 * The whole page. Nothing is allowed but the one script (by its nonce), styles and fonts from the extension, and pictures
 * that are data: no network, no inline style, no eval.
 */
export function panelPage({ scriptUri, styleUri, codiconsUri, cspSource, nonce }: PanelPage): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource}`,
    `font-src ${cspSource}`,
    `img-src ${cspSource} data: blob:`,
  ].join('; ');
  const [script, style, codicons] = [scriptUri, styleUri, codiconsUri].map(escapeAttribute);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${escapeAttribute(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>RGFT</title>
<link rel="stylesheet" href="${codicons}" id="vscode-codicon-stylesheet">
<link rel="stylesheet" href="${style}">
</head>
<body>
<main id="panel"></main>
<script type="module" nonce="${escapeAttribute(nonce)}" src="${script}"></script>
</body>
</html>
`;
}

function escapeAttribute(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
