import path from 'node:path';
import { type Browser, chromium as engine, type Page } from 'playwright-core';
import { chromium } from './chromium';

export interface WorkbenchOptions {
  readonly port: number;
  /** A folder, or a .code-workspace file. */
  readonly folder?: string | undefined;
  /** Folders of extensions to load as under development. */
  readonly development?: readonly string[];
  /** A module with `run()`, executed in the extension host. */
  readonly tests?: string | undefined;
  readonly viewport?: { readonly width: number; readonly height: number };
  /** The extension host's exit code, when the tests are over. */
  readonly onExit?: (code: number) => void;
  readonly deviceScaleFactor?: number;
  /** What VS Code tells extensions that it speaks; its own texts stay English, since no language pack is installed. */
  readonly language?: string | undefined;
}

/** Opens the workbench of a running server in a headless browser. */
export async function openWorkbench(options: WorkbenchOptions): Promise<{ browser: Browser; page: Page }> {
  const { port, folder, development = [], tests, viewport = { width: 1400, height: 900 }, onExit, deviceScaleFactor = 1, language } = options;
  const browser = await engine.launch({
    executablePath: chromium(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  const context = await browser.newContext({ viewport, deviceScaleFactor, reducedMotion: 'reduce', permissions: ['clipboard-read', 'clipboard-write'] });
  const page = await context.newPage();
  page.on('pageerror', (error) => process.stderr.write(`[workbench] ${String(error)}\n`));
  if (onExit !== undefined) await page.exposeFunction('codeAutomationExit', onExit);
  await page.exposeFunction('codeAutomationLog', () => undefined);
  if (language !== undefined) await page.addInitScript({ content: `globalThis._VSCODE_NLS_LANGUAGE = ${JSON.stringify(language)};` });
  if (development.length > 0 || tests !== undefined) await develop(page, `127.0.0.1:${port}`, development, tests);

  const address = new URL(`http://127.0.0.1:${port}/`);
  if (folder === undefined) address.searchParams.set('ew', 'true');
  else address.searchParams.set(folder.endsWith('.code-workspace') ? 'workspace' : 'folder', path.resolve(folder));
  address.searchParams.set('payload', JSON.stringify([['skipWelcome', 'true'], ['skipReleaseNotes', 'true']]));
  await page.goto(address.href, { waitUntil: 'commit' });
  return { browser, page };
}

/**
 * Gives the workbench its development options through the configuration in its page: the same entries in the address are
 * honoured only together with a test driver that hides notifications. At readyState `interactive` the page is parsed, and
 * none of its module scripts has run.
 */
async function develop(page: Page, authority: string, extensions: readonly string[], tests: string | undefined): Promise<void> {
  const remote = (file: string): object => ({ $mid: 1, scheme: 'vscode-remote', authority, path: path.resolve(file) });
  const options = { extensions: extensions.map(remote), ...(tests === undefined ? {} : { extensionTestsPath: remote(tests) }) };
  await page.addInitScript({
    content: `if (window.top === window) document.addEventListener('readystatechange', () => {
      const meta = document.getElementById('vscode-workbench-web-configuration');
      if (document.readyState !== 'interactive' || meta === null) return;
      const configuration = JSON.parse(meta.getAttribute('data-settings'));
      configuration.developmentOptions = { ...configuration.developmentOptions, ...${JSON.stringify(options)} };
      meta.setAttribute('data-settings', JSON.stringify(configuration));
    });`,
  });
}
