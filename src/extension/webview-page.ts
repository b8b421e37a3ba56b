import { randomBytes } from 'node:crypto';
import { env, l10n, Uri, type Webview } from 'vscode';

export type Page = 'panel' | 'certificate' | 'model' | 'report' | 'comparison';

/**
 * Loads one of the pages in dist/webview into a webview, with nothing allowed but its own script and style sheets.
 * Inline `style` attributes are allowed because two templates of the control toolkit carry them; inline styles at large are not.
 */
export function loadPage(webview: Webview, extension: Uri, page: Page, title: string): void {
  const folder = Uri.joinPath(extension, 'dist', 'webview');
  webview.options = { enableScripts: true, localResourceRoots: [folder] };
  const nonce = randomBytes(16).toString('base64');
  const file = (name: string): string => webview.asWebviewUri(Uri.joinPath(folder, name)).toString();
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `style-src-attr 'unsafe-inline'`,
    ...(page === 'panel' ? ['img-src blob:'] : []), // a chart on its way to becoming a PNG
  ].join('; ');
  webview.html = `<!DOCTYPE html>
<html lang="${l10n.bundle === undefined ? 'en' : env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${file(`${page}.css`)}">
<title>${title}</title>
</head>
<body>
${translations()}
<script nonce="${nonce}" src="${file(`${page}.js`)}"></script>
</body>
</html>`;
}

/** The texts of VS Code's language where the extension has them, as data that the page's script reads; nothing in English. */
function translations(): string {
  return l10n.bundle === undefined ? '' : `<script type="application/json" id="translations">${JSON.stringify(l10n.bundle).replaceAll('<', '\\u003c')}</script>`;
}
