import { strict as assert } from 'node:assert';
import type { Frame } from 'playwright-core';
import type { Workbench } from './workbench';

/** Where a press of Tab led: the number among the controls of the page, in the order in which they stand there; -1 for anything else. */
interface Stop {
  readonly number: number;
  readonly name: string;
  /** Whether the control before this one looked otherwise while it had the focus. */
  readonly lastWasSeen: boolean;
}

/**
 * In the page: numbers its controls, and tells after each Tab where the focus is. One button of a radio group is a stop. The look of a control is that of all
 * that takes part in its focus, also inside of it.
 */
const script = `(() => {
  const controls = [...document.querySelectorAll('main :is(vscode-button, vscode-dropdown, vscode-text-field, input, select, textarea, summary, button, a[href], [tabindex="0"])')].filter((control) => {
    if (!control.checkVisibility({ visibilityProperty: true }) || control.disabled || control.closest('fieldset[disabled]')) return false;
    if (control.type !== 'radio') return true;
    const group = [...document.getElementsByName(control.name)];
    return control === (group.find(({ checked }) => checked) ?? group.find(({ disabled }) => !disabled));
  });
  const focused = () => {
    const chain = [document.activeElement];
    while (chain.at(-1)?.shadowRoot?.activeElement) chain.push(chain.at(-1).shadowRoot.activeElement);
    const [inner] = chain.slice(-1);
    return inner?.parentElement ? [...chain, inner.parentElement] : chain;
  };
  const look = (element) => {
    const style = getComputedStyle(element);
    return ['outlineStyle', 'outlineWidth', 'outlineColor', 'borderTopColor', 'borderTopWidth', 'boxShadow', 'backgroundColor', 'stroke', 'strokeWidth', 'fill'].map((key) => style[key]).join();
  };
  let last = [];
  window.tabStops = {
    names: controls.map((control) => (control.getAttribute('aria-label') ?? control.dataset.field ?? control.textContent ?? '').trim().slice(0, 60) + ' <' + control.localName + '>'),
    next() {
      const lastWasSeen = last.every(({ elements, looks }) => elements.some((element, index) => look(element) !== looks[index]));
      const elements = focused();
      last = [{ elements, looks: elements.map(look) }];
      const number = controls.findIndex((control) => control === document.activeElement);
      return { number, name: document.activeElement === document.body ? '' : number < 0 ? document.activeElement.outerHTML.slice(0, 80) : this.names[number], lastWasSeen };
    },
  };
  document.body.tabIndex = -1;
  document.body.focus();
  window.scrollTo(0, 0);
  return window.tabStops.names;
})()`;

/** Presses Tab from the top of a page: every control is reached, once and in the order of the page, and shows that it has the focus. */
export async function everyControlByTab({ page }: Workbench, frame: Frame): Promise<void> {
  await frame.locator('h1').first().click();
  const names = await frame.evaluate<readonly string[]>(script);
  assert.ok(names.length > 0, 'the page has no controls');
  const reached: Stop[] = [];
  const unseen: string[] = [];
  while (reached.at(-1)?.number !== names.length - 1 && reached.length < 2 * names.length + 20) {
    await page.keyboard.press('Tab');
    const stop = await frame.evaluate<Stop>('window.tabStops.next()');
    if (!stop.lastWasSeen) unseen.push(reached.at(-1)?.name ?? '');
    reached.push(stop);
    if (stop.name === '') break; // the focus has left the page
  }
  assert.deepEqual(reached.filter(({ number }) => number >= 0).map(({ name }) => name), names);
  assert.deepEqual(unseen, [], 'these do not show that they have the focus');
}

/** Presses Tab until a control has the focus whose name, or text, begins so. */
export async function tabTo({ page }: Workbench, frame: Frame, name: string): Promise<void> {
  for (let presses = 0; presses < 300; presses++) {
    const found = String(await frame.evaluate(`(document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '').trim()`));
    if (found.startsWith(name)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`no Tab leads to ${name}`);
}

/** Where the next Tab starts from the top. */
export async function fromTheTop(frame: Frame): Promise<void> {
  await frame.locator('h1').first().click();
  await frame.evaluate('document.body.tabIndex = -1; document.body.focus()');
}

/** Opens all that is folded away, one after the other, since some of it holds more. */
export async function unfold({ page }: Workbench, frame: Frame): Promise<void> {
  const folded = frame.locator('main details:not([open]) > summary:visible');
  for (let left = await folded.count(); left > 0; left = await folded.count()) {
    const text = await folded.first().innerText();
    await folded.first().focus();
    await page.keyboard.press('Enter');
    await frame.locator('main details[open] > summary', { hasText: text }).first().waitFor();
  }
}
