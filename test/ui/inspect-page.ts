import { strict as assert } from 'node:assert';
import type { Frame } from 'playwright-core';
import { audit } from './audit';
import { step } from './step';
import { themes, type Workbench } from './workbench';

/** Every theme, wide and narrow: nothing for axe-core to find, nothing cut off. */
export async function inspectPage(workbench: Workbench, name: string, frame: Frame): Promise<void> {
  for (const theme of themes) {
    await step(`${name}: nothing for axe-core to find in ${theme}`, async () => {
      await workbench.theme(theme);
      assert.deepEqual(await audit(frame), []);
      await frame.evaluate('window.scrollTo(0, 0)');
      await workbench.screenshot(`${name}-${theme}`);
    });
  }
  await step(`${name}: nothing is cut off in a narrow window`, async () => {
    await workbench.page.setViewportSize({ width: 760, height: 1000 });
    await workbench.screenshot(`${name}-narrow`);
    assert.deepEqual(await cutOff(frame), []);
    await workbench.page.setViewportSize({ width: 1500, height: 1000 });
  });
}

/** What reaches beyond the page, but for what scrolls by itself; and the page, if it scrolls sideways. */
export async function cutOff(frame: Frame): Promise<readonly string[]> {
  return frame.evaluate<string[]>(`[
    ...[...document.querySelectorAll('main *')]
      .filter((element) => element.closest('.scrolling, .wide') === null && element.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
      .map((element) => element.tagName + '.' + element.className + ': ' + element.textContent.slice(0, 60)),
    ...(document.documentElement.scrollWidth > document.documentElement.clientWidth ? ['the page scrolls sideways'] : []),
  ]`);
}
