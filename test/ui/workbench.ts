import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Frame, Locator, Page } from 'playwright-core';
import { newestVsix } from '../../scripts/package/newest-vsix';
import { root } from '../../scripts/root';
import { openWorkbench } from '../../scripts/vscode/browser';
import { installHost } from '../../scripts/vscode/host';
import { installExtension, type Server, startServer } from '../../scripts/vscode/server';

export interface Setup {
  readonly folder: string;
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Pixels of the screen to one of the page: with half the viewport, what a browser shows at a zoom of 200 %. */
  readonly deviceScaleFactor?: number;
  readonly workspaceTrust?: boolean;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Public keys (PEM files) that the user of this machine trusts. */
  readonly trustedKeys?: readonly string[];
  /** As VS Code tells it to extensions: `de`. English unless given. */
  readonly language?: string;
}

export const themes = ['light', 'dark', 'high-contrast', 'high-contrast-light'] as const;
export type Theme = (typeof themes)[number];

/** VS Code's own themes by the names that it shows, and the class that the workbench then has. */
const looks: Readonly<Record<Theme, { readonly label: string; readonly workbench: string }>> = {
  light: { label: 'Light Modern', workbench: 'vs' },
  dark: { label: 'Dark Modern', workbench: 'vs-dark' },
  'high-contrast': { label: 'Dark High Contrast', workbench: 'hc-black' },
  'high-contrast-light': { label: 'Light High Contrast', workbench: 'hc-light' },
};

/** A real VS Code with the packaged extension, used as a person uses it: by what is seen, the mouse and the keyboard. */
export class Workbench {
  readonly page: Page;
  readonly #browser: Browser;
  readonly #server: Server;
  readonly #scratch: string;

  private constructor(page: Page, browser: Browser, server: Server, scratch: string) {
    this.page = page;
    this.#browser = browser;
    this.#server = server;
    this.#scratch = scratch;
  }

  static async open({ folder, viewport = { width: 1500, height: 1000 }, deviceScaleFactor = 1, workspaceTrust = false, settings = {}, trustedKeys = [], language }: Setup): Promise<Workbench> {
    const scratch = mkdtempSync(path.join(tmpdir(), 'ui-'));
    const profile = { userData: path.join(scratch, 'user'), extensions: path.join(scratch, 'extensions') };
    const vscode = installHost();
    const settingsFile = path.join(profile.userData, 'User/settings.json');
    installExtension(vscode, profile, newestVsix());
    const quiet = JSON.parse(readFileSync(settingsFile, 'utf8')) as Record<string, unknown>;
    writeFileSync(settingsFile, JSON.stringify({ ...quiet, 'security.workspace.trust.enabled': workspaceTrust, 'window.dialogStyle': 'custom', ...settings }));
    mkdirSync(path.join(profile.userData, 'Machine'), { recursive: true });
    writeFileSync(path.join(profile.userData, 'Machine/settings.json'), JSON.stringify({ 'certifiedUnlearning.trustedKeys': trustedKeys }));
    const server = await startServer(vscode, profile, { workspaceTrust });
    const { browser, page } = await openWorkbench({ port: server.port, folder, viewport, deviceScaleFactor, language });
    page.setDefaultTimeout(45_000);
    const workbench = new Workbench(page, browser, server, scratch);
    await workbench.#ready();
    return workbench;
  }

  /** The extension's own place in the activity bar: its editors are known a moment later. */
  async #ready(): Promise<void> {
    await this.page.locator('.activitybar .action-label[aria-label^="Certified Unlearning"]').waitFor();
    await this.page.waitForTimeout(1500);
  }

  /** Reloads the window, as its command does. */
  async reload(): Promise<void> {
    await this.page.reload({ waitUntil: 'commit' });
    await this.#ready();
  }

  /** Changes which public keys the user of this machine trusts. */
  trust(keys: readonly string[]): void {
    writeFileSync(path.join(this.#scratch, 'user/Machine/settings.json'), JSON.stringify({ 'certifiedUnlearning.trustedKeys': keys }));
  }

  /** Chooses rows of a tree together. */
  async selectRows(...rows: readonly Locator[]): Promise<void> {
    for (const [index, row] of rows.entries()) await row.click(index === 0 ? {} : { modifiers: ['Control'] });
  }

  /** Opens the context menu of a row that is in sight. */
  async menuOf(row: Locator): Promise<string[]> {
    await row.click({ button: 'right' });
    const menu = this.page.locator('.context-view .monaco-menu');
    await menu.waitFor();
    await this.page.waitForTimeout(250); // menus fade in
    return (await menu.locator('.action-label:not(.separator)').allTextContents()).filter((title) => title !== '');
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#server.stop();
    rmSync(this.#scratch, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Runs a command from the palette by its whole title. */
  async command(title: string): Promise<void> {
    await this.#fromPalette(title, (rows) => rows.filter({ hasText: title }).first().click({ timeout: 5000 }));
  }

  /** Titles that the palette offers for what is typed. */
  async offered(typed: string): Promise<string[]> {
    const titles = await this.#fromPalette(typed, (rows) => rows.locator('.label-name').allTextContents());
    await this.page.keyboard.press('Escape');
    return titles;
  }

  /**
   * Opens the palette, types, and uses the rows that it offers. An editor that takes the focus at
   * that moment, as one does when it finishes loading, closes the palette: then it is opened anew,
   * as a person would.
   */
  async #fromPalette<T>(typed: string, use: (rows: Locator) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.page.keyboard.press('F1');
        await this.#quickInput.waitFor({ state: 'visible', timeout: 5000 });
        await this.#quickInput.fill(`>${typed}`, { timeout: 5000 });
        const rows = this.page.locator('.quick-input-list .monaco-list-row');
        await rows.first().waitFor({ timeout: 5000 });
        return await use(rows);
      } catch (error) {
        if (attempt === 6) throw error;
      }
    }
  }

  get #quickInput(): Locator {
    return this.page.locator('.quick-input-widget .quick-input-box input').first();
  }

  /** Answers a file dialog with a path. The dialog lists the folder first, and then writes its own proposal over what was typed too early. */
  async answer(file: string): Promise<void> {
    const input = this.#quickInput;
    await input.waitFor({ state: 'visible' });
    do {
      await input.fill(file);
      await this.page.waitForTimeout(700);
    } while ((await input.inputValue()) !== file);
    await this.page.keyboard.press('Enter');
    await input.waitFor({ state: 'hidden' });
  }

  /** Chooses an entry of the quick pick that is open. */
  async pick(label: string): Promise<void> {
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: label }).first().click();
  }

  async save(): Promise<void> {
    await this.command('File: Save');
    await this.page.locator('.tab.active.dirty').waitFor({ state: 'detached' });
  }

  /** Opens a container of the activity bar, where it is not open: a click would then close it. */
  async openSidebar(title: string): Promise<void> {
    const item = this.page.locator('.activitybar .action-item', { has: this.page.locator(`.action-label[aria-label^="${title}"]`) }).first();
    if ((await item.getAttribute('class'))?.split(' ').includes('checked') !== true) await item.click();
  }

  /** A row of a view in the sidebar that shows both texts. */
  treeRow(label: string, description: string): Locator {
    return this.page.locator('.sidebar .monaco-list-row', { hasText: label }).filter({ hasText: description }).first();
  }

  row(name: string): Locator {
    return this.page.locator('.explorer-folders-view .monaco-list-row').filter({ has: this.page.getByText(name, { exact: true }) });
  }

  /** Opens folders of the explorer one after the other, then the file. */
  async openFile(...names: string[]): Promise<void> {
    await this.reveal(...names);
    await this.row(names.at(-1) ?? '').dblclick();
  }

  /** Expands folders until the last name is a row in sight. */
  async reveal(...names: string[]): Promise<void> {
    for (const [index, name] of names.entries()) {
      const row = this.row(name);
      await row.waitFor();
      if (index < names.length - 1 && (await row.getAttribute('aria-expanded')) === 'false') await row.click();
    }
  }

  /** The titles in the context menu of an explorer row; the menu stays open. */
  async contextMenu(name: string): Promise<string[]> {
    return this.menuOf(this.row(name));
  }

  async choose(title: string): Promise<void> {
    await this.page.locator('.context-view .monaco-menu .action-menu-item', { hasText: title }).first().click();
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator('.notification-toast', { hasText: text });
  }

  dialogButton(label: string): Locator {
    return this.page.locator('.monaco-dialog-box .monaco-button', { hasText: label });
  }

  /** The frame of the webview that shows an element: a webview is a frame of VS Code's with the extension's page in a frame in it. */
  async webview(selector: string, timeout = 45_000): Promise<Frame> {
    const end = Date.now() + timeout;
    while (Date.now() < end) {
      for (const frame of this.page.frames()) {
        try {
          if ((await (await frame.frameElement()).getAttribute('id')) !== 'active-frame') continue;
          if (await frame.locator(selector).first().isVisible()) return frame;
        } catch { /* the main frame has no element; others come and go */ }
      }
      await this.page.waitForTimeout(50);
    }
    throw new Error(`no webview shows ${selector}; frames: ${this.page.frames().map((frame) => frame.url()).join(', ')}`);
  }

  async theme(theme: Theme): Promise<void> {
    const { label, workbench } = looks[theme];
    const chosen = this.page.locator(`.monaco-workbench.${workbench}`);
    for (let attempt = 1; ; attempt++) {
      try {
        await this.command('Preferences: Color Theme');
        await this.page.locator('.quick-input-list .monaco-list-row', { hasText: 'Modern' }).first().waitFor({ timeout: 5000 });
        await this.#quickInput.fill(label, { timeout: 5000 });
        await this.page.waitForTimeout(300); // the list previews what is typed
        await this.page.keyboard.press('Enter');
        await this.#quickInput.waitFor({ state: 'hidden', timeout: 5000 });
        await chosen.waitFor({ timeout: 5000 });
        break;
      } catch (error) {
        if (attempt === 4) throw error;
      }
    }
    await this.page.waitForTimeout(300); // webviews follow a moment later
  }

  async screenshot(name: string): Promise<void> {
    const folder = path.join(root, 'out/screenshots');
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: path.join(folder, `${name}.png`) });
  }
}
