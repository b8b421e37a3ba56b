import type { Frame, Locator } from 'playwright-core';

/** The panel of a request, as its reader uses it. */
export class PanelPage {
  readonly frame: Frame;

  constructor(frame: Frame) {
    this.frame = frame;
  }

  /** Types into a field, by its path in the request, and leaves it. */
  async set(field: string, value: string): Promise<void> {
    const input = this.#input(field);
    await input.fill(value);
    await input.press('Tab');
  }

  /** Chooses an option of a dropdown by what it says. */
  async choose(field: string, option: string): Promise<void> {
    const dropdown = this.frame.locator(`vscode-dropdown[data-field="${field}"]`);
    await dropdown.click();
    await dropdown.locator(`vscode-option:text-is("${option}")`).click();
  }

  async value(field: string): Promise<string> {
    return this.#input(field).inputValue();
  }

  /** Waits until a field shows a value. */
  async shows(field: string, value: string): Promise<void> {
    const end = Date.now() + 30_000;
    while ((await this.value(field)) !== value) {
      if (Date.now() > end) throw new Error(`${field} shows ${await this.value(field)}, not ${value}`);
      await this.frame.waitForTimeout(50);
    }
  }

  /** What stands beside a term of a definition list. */
  async fact(term: string): Promise<string> {
    const definition = this.frame.locator(`dt:text-is("${term}") + dd`);
    await definition.waitFor();
    return definition.innerText();
  }

  /** The curve of a chart as the browser draws it. */
  async curve(name: 'sigma' | 'epsilon'): Promise<string> {
    return (await this.frame.locator(`.schedule-chart path.${name}:not(.pinned)`).getAttribute('d')) ?? '';
  }

  async press(label: string): Promise<void> {
    await this.frame.locator('vscode-button', { hasText: label }).click();
  }

  /** The toolkit's fields have their input inside, those of our own are one. */
  #input(field: string): Locator {
    return this.frame.locator(`[data-field="${field}"] input, input[data-field="${field}"]`).filter({ visible: true });
  }
}
